"""infra/terraform: formatted, every variable described and checked, and a plan after a release shows no change.

What needs Terraform is skipped without it, and says so; what needs its AWS provider is skipped where the registry can't be
reached.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import boto3
import pytest

from infra.template import ROOT, TEMPLATE, load

FOLDER = ROOT / "infra/terraform"
MODULES = ["cutover", "fleet"]
# CloudFormation's limit for a template that is sent in the request.
LARGEST_TEMPLATE = 51_200

needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform isn't installed")


def terraform(folder, *words, **environment):
    quiet = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    return subprocess.run(
        ["terraform", *words],
        cwd=folder, env=os.environ | quiet | environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def text_of(module, name):
    return (FOLDER / module / name).read_text()


def blocks(text, kind):
    """`variable "name" { … }` by name; a block ends with a brace at the line's beginning."""
    return dict(re.findall(rf'^{kind} "(\w+)" {{\n(.*?)^}}', text, re.DOTALL | re.MULTILINE))


def unsaid(text):
    faults = []
    for name, body in blocks(text, "variable").items():
        faults += [f"{name} has no {part}" for part in ("description", "type") if f"\n  {part} " not in f"\n{body}"]
        faults += [f"{name} takes anything"] if "  validation {" not in body else []
    return faults


@pytest.mark.parametrize("module", MODULES)
def test_every_variable_says_what_it_is_and_refuses_what_it_cannot_be(module):
    text = text_of(module, "variables.tf")
    assert len(blocks(text, "variable")) > 5
    assert unsaid(text) == []


def test_a_variable_without_a_description_is_seen():
    broken = re.sub(r'  description = "The fleet\'s name.*\n', "", text_of("fleet", "variables.tf"))
    assert unsaid(broken) == ["name has no description"]


@pytest.mark.parametrize("module", MODULES)
def test_every_output_says_what_it_is(module):
    outputs = blocks(text_of(module, "outputs.tf"), "output")
    assert outputs and all("  description = " in body for body in outputs.values())


def test_the_policy_takes_every_field_and_no_other():
    reference = (ROOT / "infra/REFERENCE.md").read_text().split("## Policy")[1].split("\n## ")[0]
    listed = re.search(r"contains\(\[(.*?)\]", blocks(text_of("fleet", "variables.tf"), "variable")["policy"], re.DOTALL)
    assert re.findall(r'"(\w+)"', listed[1]) == re.findall(r"^\| `(\w+)` \|", reference, re.MULTILINE)


def test_a_fleet_is_attached_to_nothing_by_terraform():
    given = [line.strip() for line in text_of("fleet", "main.tf").splitlines() if "target_group_arns" in line]
    assert len(given) == 1 and given[0].startswith("ignore_changes = ")


def test_the_template_fits_into_the_request_and_has_the_places_that_are_filled():
    text = TEMPLATE.read_text()
    assert len(text.encode()) + 1024 < LARGEST_TEMPLATE
    assert len(re.findall(r"^ +CodeUri: \S+$", text, re.MULTILINE)) == text.count("CodeUri:") == 1
    assert len(re.findall(r"^ +DefinitionUri: \S+$", text, re.MULTILINE)) == text.count("DefinitionUri:") <= 1


def test_what_the_module_names_is_in_the_template():
    template = load()
    assert "Defaults" in template["Parameters"]
    named = re.findall(r'outputs\["(\w+)"\]', text_of("cutover", "outputs.tf"))
    assert named and set(named) <= set(template["Outputs"])


@needs_terraform
def test_the_modules_are_formatted():
    done = terraform(FOLDER, "fmt", "-check", "-diff", "-recursive")
    assert done.returncode == 0, done.stdout + done.stderr


@needs_terraform
def test_a_badly_formatted_module_is_seen(tmp_path):
    (tmp_path / "main.tf").write_text(text_of("fleet", "main.tf").replace("  min_size         =", "  min_size ="))
    assert terraform(tmp_path, "fmt", "-check").returncode != 0


def plan(folder, **variables):
    """Plans a folder without a resource: then no provider is needed, and the variables are judged all the same."""
    (folder / "given.auto.tfvars.json").write_text(json.dumps(variables))
    done = terraform(folder, "plan", "-input=false", "-no-color", "-lock=false")
    return None if done.returncode == 0 else done.stdout + done.stderr


FLEET = {
    "name": "web-2",
    "application": "web",
    "subnet_ids": ["subnet-0a1b2c3d"],
    "launch_template_id": "lt-0a1b2c3d",
    "launch_template_version": "7",
}
CUTOVER = {"bucket": "artefacts", "package": "cutover.zip", "template": "template.yaml", "workflow": "release.asl.json"}


@needs_terraform
@pytest.mark.parametrize(
    ("module", "good", "bad", "said"),
    [
        ("fleet", FLEET, {"launch_template_version": "$Latest"}, "The version must be a number"),
        ("fleet", FLEET, {"policy": {"alarm": "web-5xx"}}, "a field that Cutover doesn't know"),
        ("fleet", FLEET, {"policy": {"alarms": "a" * 257}}, "A tag holds 1 to 256 characters"),
        ("fleet", FLEET, {"tags": {"cutover:alarms": "x"}}, "Tags for Cutover are made from"),
        ("fleet", FLEET, {"subnet_ids": []}, "At least one subnet"),
        ("fleet", FLEET, {"min_size": 1.5}, "The minimum must be a whole number"),
        ("fleet", FLEET, {"health_check_type": "elb"}, "The type must be EC2 or ELB"),
        ("cutover", CUTOVER, {"name": "2cutover"}, "The name must begin with a letter"),
        ("cutover", CUTOVER, {"bucket": "arn:aws:s3:::artefacts"}, "not its ARN"),
        ("cutover", CUTOVER, {"package": "bootstrap"}, "must be a zip archive"),
        ("cutover", CUTOVER, {"defaults": "none"}, "must be an object of policy fields"),
        ("cutover", CUTOVER, {"parameters": {"Defaults": "{}"}}, "made from the variable defaults"),
    ],
)
def test_a_bad_value_is_refused_in_a_sentence(tmp_path, module, good, bad, said):
    (tmp_path / "variables.tf").write_text(text_of(module, "variables.tf"))
    assert plan(tmp_path, **good) is None
    refused = plan(tmp_path, **(good | bad))
    assert refused is not None, f"{bad} was accepted"
    assert said in re.sub(r"\s*\n[│╷╵ ]*", " ", refused)


@needs_terraform
def test_the_tags_are_those_that_cutover_reads(tmp_path):
    (locals_,) = re.findall(r"^locals {\n.*?^}", text_of("fleet", "main.tf"), re.DOTALL | re.MULTILINE)
    (tmp_path / "main.tf").write_text(f'{locals_}\noutput "tags" {{\n  value = local.tags\n}}\n')
    (tmp_path / "variables.tf").write_text(text_of("fleet", "variables.tf"))
    policy = {"alarms": "web-5xx,web-latency", "bake_time_seconds": "600"}
    (tmp_path / "given.auto.tfvars.json").write_text(json.dumps(FLEET | {"policy": policy, "tags": {"team": "web"}}))
    done = terraform(tmp_path, "apply", "-auto-approve", "-input=false", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(terraform(tmp_path, "output", "-json", "tags").stdout) == {
        "cutover:application": "web",
        "cutover:alarms": "web-5xx,web-latency",
        "cutover:bake-time-seconds": "600",
        "team": "web",
    }


@needs_terraform
def test_the_template_names_what_was_uploaded(tmp_path):
    (locals_,) = re.findall(r"^locals {\n.*?^}", text_of("cutover", "main.tf"), re.DOTALL | re.MULTILINE)
    for at in ("package", "workflow"):
        locals_ = locals_.replace(f"${{aws_s3_object.{at}.bucket}}", "artefacts").replace(f"${{aws_s3_object.{at}.key}}", at)
    assert "aws_s3_object" not in locals_
    (tmp_path / "main.tf").write_text(f'{locals_}\noutput "template" {{\n  value = local.template\n}}\n')
    (tmp_path / "variables.tf").write_text(text_of("cutover", "variables.tf"))
    given = CUTOVER | {"template": str(TEMPLATE)}
    (tmp_path / "given.auto.tfvars.json").write_text(json.dumps(given))
    done = terraform(tmp_path, "apply", "-auto-approve", "-input=false", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    made = tmp_path / "template.yaml"
    made.write_text(json.loads(terraform(tmp_path, "output", "-json", "template").stdout))
    uris = {name: it["Properties"].get("CodeUri") or it["Properties"].get("DefinitionUri") for name, it in load(made)["Resources"].items() if it["Type"].startswith("AWS::Serverless::")}  # fmt: skip
    assert uris.pop("Function") == "s3://artefacts/package"
    assert all(uri == "s3://artefacts/workflow" for uri in uris.values()), uris
    assert len(made.read_text().splitlines()) == len(TEMPLATE.read_text().splitlines()), "something else was replaced too"


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """A folder of downloaded providers; skips where there are none to be had."""
    cache = tmp_path_factory.mktemp("providers")
    probe = tmp_path_factory.mktemp("probe")
    shutil.copy(FOLDER / "fleet/versions.tf", probe)
    done = terraform(probe, "init", "-no-color", "-input=false", TF_PLUGIN_CACHE_DIR=str(cache))
    if done.returncode != 0:
        pytest.skip("Terraform's AWS provider can't be had here: " + done.stderr.strip().splitlines()[0])
    return {"TF_PLUGIN_CACHE_DIR": str(cache)}


@needs_terraform
@pytest.mark.parametrize("module", [*MODULES, "examples/three-versions"])
def test_terraform_finds_the_module_valid(tmp_path, provider, module):
    shutil.copytree(FOLDER, tmp_path / "terraform")
    folder = tmp_path / "terraform" / module
    assert terraform(folder, "init", "-backend=false", "-input=false", **provider).returncode == 0
    done = terraform(folder, "validate", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


ROOT_MODULE = """
provider "aws" {{
  region                      = "us-east-1"
  access_key                  = "x"
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  endpoints {{
    autoscaling = "{url}"
    ec2         = "{url}"
    sts         = "{url}"
  }}
}}

module "fleet" {{
  source = "{source}"

  name                    = "web-2"
  application             = "web"
  subnet_ids              = ["{subnet}"]
  launch_template_id      = "{template}"
  launch_template_version = "1"
  min_size                = 1
  policy                  = {{ alarms = "web-5xx" }}
}}
"""


@pytest.fixture
def server():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@needs_terraform
def test_a_plan_after_a_release_shows_no_change(tmp_path, provider, server):
    """The writes of a release, as tests/scenarios/good-release.txt records them, replayed between two plans."""

    def client(service):
        return boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x", endpoint_url=server)  # fmt: skip

    ec2, autoscaling = client("ec2"), client("autoscaling")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    data = {"ImageId": image, "InstanceType": "t3.micro"}
    made = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)["LaunchTemplate"]
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = client("elbv2").create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=subnet["VpcId"])
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    root = ROOT_MODULE.format(
        url=server, source=FOLDER / "fleet", subnet=subnet["SubnetId"], template=made["LaunchTemplateId"]
    )
    (tmp_path / "main.tf").write_text(root)
    assert terraform(tmp_path, "init", "-input=false", **provider).returncode == 0
    done = terraform(tmp_path, "apply", "-auto-approve", "-input=false", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr

    def changes():
        """0: none, 2: some; anything else is a failure."""
        done = terraform(tmp_path, "plan", "-detailed-exitcode", "-input=false", "-no-color")
        assert done.returncode in (0, 2), done.stdout + done.stderr
        return done.returncode == 2

    assert not changes()
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="web-2", MinSize=3)
    autoscaling.attach_load_balancer_target_groups(AutoScalingGroupName="web-2", TargetGroupARNs=[arn])
    assert changes(), "a MinSize that is held is seen: apply changes of it between releases"
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="web-2", MinSize=1)
    assert not changes(), "after the release Terraform would undo something"


def test_no_file_of_terraform_names_a_machine():
    for path in Path(FOLDER).rglob("*.tf"):
        assert not re.search(r"/(root|home|tmp|work)/", path.read_text()), path
