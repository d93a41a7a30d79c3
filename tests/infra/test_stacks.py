"""infra/load-balancer.yaml and infra/fleet.yaml: linted, made on a third-party AWS, and walked through as infra/WALK.md says."""

import http.client
import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from moto.elbv2.models import FakeTargetGroup

from infra.template import ROOT, load

# Of the emulator's stacks, that they have no alarms.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS..CloudWatch..Alarm")

BIN = Path(sys.executable).parent
BALANCER = ROOT / "infra/load-balancer.yaml"
FLEET = ROOT / "infra/fleet.yaml"
BOTH = [BALANCER, FLEET]
REGION = "us-east-1"
# How long until a bake of the default length has seen two bad minutes: an alarm's time to detect.
DEFAULT_BAKE_SECONDS = 300


def lint(*paths):
    command = [BIN / "cfn-lint", "--regions", REGION, "eu-west-1", "--template", *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr


def test_cfn_lint_finds_nothing():
    assert lint(*BOTH) == ""


BROKEN = [
    (BALANCER, "MetricName: UnHealthyHostCount", "MetricNames: UnHealthyHostCount"),
    (BALANCER, "!Ref TargetGroup }]", "!Ref TargetGroups }]"),
    (BALANCER, "TargetType: instance", "TargetType: instances"),
    (FLEET, "MaxSize: !Ref MaxSize", "MaxSizes: !Ref MaxSize"),
    (FLEET, "!GetAtt LaunchTemplate.LatestVersionNumber", "!GetAtt LaunchTemplate.NewestVersionNumber"),
]


def test_cfn_lint_refuses_each_broken_one(tmp_path):
    broken = []
    for number, (path, old, new) in enumerate(BROKEN):
        text = path.read_text()
        assert old in text, f"{path.name} has no {old!r} to break"
        broken.append(tmp_path / f"broken-{number}.yaml")
        broken[-1].write_text(text.replace(old, new, 1))
    said = lint(*broken)
    for path, (_, _, new) in zip(broken, BROKEN, strict=True):
        assert path.name in said, f"cfn-lint accepted {new!r}"


def unsaid(parameters):
    """The parameters that lack something that a person or a check needs."""
    faults = []
    for name, parameter in parameters.items():
        faults += [f"{name} has no {key}" for key in ("Default", "Description") if key not in parameter]
        checks = {"AllowedPattern", "AllowedValues"} & set(parameter)
        if not checks and not {"MinValue", "MaxValue"} <= set(parameter):
            faults.append(f"{name} takes anything")
        if "AllowedPattern" in parameter and "ConstraintDescription" not in parameter:
            faults.append(f"{name} refuses without saying what it takes")
    return faults


@pytest.mark.parametrize("path", BOTH, ids=lambda path: path.name)
def test_every_parameter_has_a_default_a_description_and_a_check(path):
    assert unsaid(load(path)["Parameters"]) == []


def test_a_parameter_without_a_description_is_seen():
    parameters = load(FLEET)["Parameters"]
    del parameters["Version"]["Description"]
    assert unsaid(parameters) == ["Version has no Description"]


@pytest.mark.parametrize(
    ("path", "parameter", "good", "bad"),
    [
        (BALANCER, "VpcId", ["", "vpc-0a1b2c3d"], ["vpc", "subnet-0a1b2c3d"]),
        (BALANCER, "SubnetIds", ["", "subnet-0a1b2c3d,subnet-0a1b2c3e"], ["subnet-0a1b2c3d", "subnet-0a1b2c3d, subnet-0a1b2c3e"]),
        (BALANCER, "NetworkPrefix", ["10.20", "172.16", "192.168"], ["10", "8.8", "172.32", "10.256", "10.20.0.0/16"]),
        (BALANCER, "ClientCidr", ["0.0.0.0/0", "203.0.113.0/24"], ["203.0.113.7", "0.0.0.0/33"]),
        (BALANCER, "CertificateArn", ["", "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b"], ["certificate/0a1b"]),
        (BALANCER, "HealthCheckPath", ["/", "/health?deep=1"], ["health", ""]),
        (FLEET, "LoadBalancerStack", ["web", "Web-2"], ["2web", "web_2", ""]),
        (FLEET, "Application", ["web", "web shop"], ["", "web{}"]),
        (FLEET, "Version", ["1", "2.0.1-rc_1"], ["", '1"', "1 2"]),
        (FLEET, "InstanceType", ["t4g.micro", "u-6tb1.56xlarge"], ["t4g", "T4G.micro"]),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_by_its_pattern(path, parameter, good, bad):
    pattern = load(path)["Parameters"][parameter]["AllowedPattern"]
    assert all(re.fullmatch(pattern, value) for value in good)
    assert not any(re.fullmatch(pattern, value) for value in bad)
    default = load(path)["Parameters"][parameter]["Default"]
    assert re.fullmatch(pattern, default), "the default isn't taken"


def resources(path):
    return load(path)["Resources"]


def test_a_fleet_is_attached_to_nothing_by_its_stack():
    text = json.dumps(resources(FLEET)["Fleet"])
    for property in ("TargetGroupARNs", "TrafficSources", "LoadBalancerNames"):
        assert property not in text, f"{property}: CloudFormation would undo what Cutover attached"


def test_a_fleet_launches_what_it_was_made_with():
    assert "$Latest" not in json.dumps(resources(FLEET)["Fleet"])


def test_a_detached_fleet_has_two_minutes_for_its_requests():
    attributes = resources(BALANCER)["TargetGroup"]["Properties"]["TargetGroupAttributes"]
    assert attributes == [{"Key": "deregistration_delay.timeout_seconds", "Value": "120"}]


def alarms():
    found = {name: it["Properties"] for name, it in resources(BALANCER).items() if it["Type"] == "AWS::CloudWatch::Alarm"}
    assert set(found) == {"ErrorRateAlarm", "UnhealthyHostsAlarm"}
    return found


def periods(alarm):
    metrics = [metric["MetricStat"]["Period"] for metric in alarm.get("Metrics", []) if "MetricStat" in metric]
    return set(metrics or [alarm["Period"]])


@pytest.mark.parametrize("name", ["ErrorRateAlarm", "UnhealthyHostsAlarm"])
def test_an_alarm_is_in_alarm_within_three_minutes(name):
    alarm = alarms()[name]
    (period,) = periods(alarm)
    # The datapoints, and one period more for the part of a minute in which the trouble began.
    assert (alarm["DatapointsToAlarm"] + 1) * period <= 180
    assert (alarm["DatapointsToAlarm"] + 1) * period + 120 <= DEFAULT_BAKE_SECONDS, "the default bake is too short"


@pytest.mark.parametrize("name", ["ErrorRateAlarm", "UnhealthyHostsAlarm"])
def test_an_alarm_claims_nothing_without_data(name):
    assert alarms()[name]["TreatMissingData"] == "missing"


def test_without_requests_the_error_rate_has_no_datapoint():
    (rate,) = [metric for metric in alarms()["ErrorRateAlarm"]["Metrics"] if metric["ReturnData"]]
    assert rate["Expression"].endswith("/ requests"), "only a division by what is missing is missing"
    assert "FILL(requests" not in rate["Expression"]


def client(service):
    return boto3.client(service, region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")


def make(name, path, **parameters):
    """Makes a stack, and returns its outputs."""
    said = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=path.read_text(), Parameters=said)
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def fleet_of(name):
    (found,) = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return found


def tags(fleet):
    return {tag["Key"]: tag["Value"] for tag in fleet["Tags"] if tag["Key"].startswith("cutover:")}


@pytest.fixture
def aws(monkeypatch):
    """The emulator, with the two attributes of a target group that it doesn't give to stacks."""

    def attribute(group, name):
        return {"TargetGroupFullName": group.arn.split(":")[5], "TargetGroupName": group.name}[name]

    monkeypatch.setattr(FakeTargetGroup, "get_cfn_attribute", attribute, raising=False)
    with mock_aws():
        yield


def resolved(value):
    """A template's value with every reference as some text."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in ("Ref", "Fn::GetAtt", "Fn::Sub"):
            return 5 if value == {"Ref": "ErrorPercent"} else str(next(iter(value.values()))).replace("${AWS::StackName}", "web")
        return {key: resolved(inner) for key, inner in value.items()}
    return [resolved(inner) for inner in value] if isinstance(value, list) else value


def test_cloudwatch_takes_the_alarms(aws):
    """The emulator's stacks have no alarms, so they are made by the API, whose client checks each field's name and type."""
    cloudwatch = client("cloudwatch")
    for alarm in alarms().values():
        cloudwatch.put_metric_alarm(**resolved(alarm))
    made = {alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]}
    assert made == {"web-error-rate", "web-unhealthy-hosts"}


def test_a_fleet_is_judged_by_every_alarm_of_the_stack():
    assert load(BALANCER)["Outputs"]["Alarms"]["Value"] == {"Fn::Join": [",", [{"Ref": name} for name in alarms()]]}


@pytest.fixture
def image(aws):
    """An image's parameter of one's own: the public one isn't known to every emulator."""
    client("ssm").put_parameter(Name="/images/web", Value="ami-12c6146b", Type="String")
    return "/images/web"


def test_a_new_network_is_made_if_none_is_given(aws):
    outputs = make("web", BALANCER)
    subnets = outputs["Subnets"].split(",")
    found = client("ec2").describe_subnets(SubnetIds=subnets)["Subnets"]
    assert len({subnet["AvailabilityZone"] for subnet in found}) == 2
    (balancer,) = client("elbv2").describe_load_balancers()["LoadBalancers"]
    assert {zone["SubnetId"] for zone in balancer["AvailabilityZones"]} == set(subnets)


def test_a_given_network_is_used(aws):
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{at}.0/24", AvailabilityZone=REGION + zone)["Subnet"]["SubnetId"]
        for at, zone in enumerate("ab")
    ]
    before = len(ec2.describe_vpcs()["Vpcs"])
    outputs = make("web", BALANCER, VpcId=vpc, SubnetIds=",".join(made))
    assert outputs["Subnets"].split(",") == made
    assert len(ec2.describe_vpcs()["Vpcs"]) == before
    (group,) = client("elbv2").describe_target_groups()["TargetGroups"]
    assert group["VpcId"] == vpc


def test_the_listener_routes_to_the_target_group(aws):
    make("web", BALANCER)
    elb = client("elbv2")
    (group,) = elb.describe_target_groups()["TargetGroups"]
    assert group["LoadBalancerArns"], "Cutover's gate `listener` would reject"
    assert (group["TargetType"], group["HealthCheckPath"]) == ("instance", "/health")


def test_with_a_certificate_plain_requests_are_sent_to_https(aws):
    certificate = client("acm").request_certificate(DomainName="web.example.com")["CertificateArn"]
    outputs = make("web", BALANCER, CertificateArn=certificate)
    assert outputs["Url"].startswith("https://")
    elb = client("elbv2")
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    actions = {listener["Port"]: listener["DefaultActions"][0]["Type"] for listener in listeners}
    assert actions == {80: "redirect", 443: "forward"}


def test_the_walk(aws, image):
    """First set-up, a release, a broken third: the stacks say what Cutover needs, and leave alone what it did."""
    outputs = make("web", BALANCER)
    autoscaling = client("autoscaling")

    def release(green, blue):
        group = outputs["TargetGroupArn"]
        autoscaling.attach_load_balancer_target_groups(AutoScalingGroupName=green, TargetGroupARNs=[group])
        if blue:
            autoscaling.detach_load_balancer_target_groups(AutoScalingGroupName=blue, TargetGroupARNs=[group])

    for version, fails in (("1", "no"), ("2", "no"), ("3", "yes")):
        name = f"fleet-{version}"
        made = make(name, FLEET, Version=version, Fails=fails, ImageId=image)
        fleet = fleet_of(made["Fleet"])
        assert fleet["AutoScalingGroupName"] == name
        assert not fleet["TargetGroupARNs"], "born attached"
        assert (fleet["MinSize"], fleet["DesiredCapacity"], fleet["MaxSize"]) == (2, 2, 4)
        assert tags(fleet) == {
            "cutover:application": "web",
            "cutover:target-groups": outputs["TargetGroup"],
            "cutover:alarms": outputs["Alarms"],
            "cutover:bake-time-seconds": "300",
        }
        if version != "3":
            release(name, f"fleet-{int(version) - 1}" if version != "1" else None)
    assert fleet_of("fleet-2")["TargetGroupARNs"] == [outputs["TargetGroupArn"]]
    assert not fleet_of("fleet-1")["TargetGroupARNs"] and not fleet_of("fleet-3")["TargetGroupARNs"]

    # The old version's stack goes, the one that serves stays as it is.
    client("cloudformation").delete_stack(StackName="fleet-1")
    left = [fleet["AutoScalingGroupName"] for fleet in autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]]
    assert sorted(left) == ["fleet-2", "fleet-3"]
    assert fleet_of("fleet-2")["TargetGroupARNs"] == [outputs["TargetGroupArn"]]


def test_every_tag_of_a_fleet_is_one_that_cutover_knows():
    known = set(re.findall(r"`(cutover:[a-z-]+)`", (ROOT / "infra/REFERENCE.md").read_text()))
    named = {tag["Key"] for tag in resources(FLEET)["Fleet"]["Properties"]["Tags"]}
    assert named <= known, f"{named - known}: Cutover would reject the fleet"


def example(fails, port):
    """The program that the example's instances run, as user data writes it; here on the loopback only."""
    body = resources(FLEET)["LaunchTemplate"]["Properties"]["LaunchTemplateData"]["UserData"]["Fn::Base64"]["Fn::Sub"][0]
    for name, value in {"Fails": fails, "Version": "7", "HealthCheckPath": "/health", "InstancePort": port}.items():
        body = body.replace(f"${{{name}}}", str(value))
    assert "${" not in body, "a value is left out"
    program = re.search(r"<<'PYTHON'\n(.*?)PYTHON\n", body, re.DOTALL)[1]
    assert '(("", ' in program
    return program.replace('(("", ', '(("127.0.0.1", ')


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def answer(port, path):
    """Status and text; asked again until the server listens, for ten seconds."""
    for _ in range(100):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            said = connection.getresponse()
            return said.status, said.read()
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError("the example never listened")


@pytest.mark.parametrize(("fails", "status"), [("no", 200), ("yes", 500)])
def test_the_example_is_healthy_and_answers_as_told(fails, status):
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", example(fails, port)], stderr=subprocess.DEVNULL)
    try:
        assert answer(port, "/health") == (200, b"version 7\n")
        assert answer(port, "/") == (status, b"version 7\n")
    finally:
        process.kill()
        process.wait()
