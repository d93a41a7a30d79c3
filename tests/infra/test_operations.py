"""What template.yaml gives to those who run Cutover: parameters, outputs, alarms on Cutover itself, nothing lost unseen."""

import re

import pytest

from infra.template import ROOT, expanded, load

TEMPLATE = load()
RESOURCES = TEMPLATE["Resources"]


def faults(parameters):
    """What a parameter lacks for a person to be able to leave it, understand it, and be refused a wrong value."""
    for name, parameter in parameters.items():
        for field in ("Default", "Description"):
            if field not in parameter:
                yield f"{name} has no {field}"
        default = str(parameter.get("Default", ""))
        if values := parameter.get("AllowedValues"):
            accepted = default in map(str, values)
        elif pattern := parameter.get("AllowedPattern"):
            accepted = re.fullmatch(pattern, default)
            if "ConstraintDescription" not in parameter:
                yield f"{name} doesn't say what it takes"
        else:
            yield f"{name} takes anything"
            continue
        if not accepted:
            yield f"{name} refuses its own default"


def test_every_parameter_has_a_default_a_description_and_a_rule():
    assert list(faults(TEMPLATE["Parameters"])) == []


@pytest.mark.parametrize("field", ["Default", "Description", "AllowedPattern", "ConstraintDescription"])
def test_a_parameter_that_lacks_something_is_seen(field):
    bus = dict(TEMPLATE["Parameters"]["EventBus"])
    del bus[field]
    assert list(faults({"EventBus": bus}))


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        ("Defaults", ['{"bake_time_seconds": 600}', '{\n  "alarms": ["a"]\n}'], ["", "bake_time_seconds=600", "[]"]),
        ("EventBus", ["default", "deployments/prod"], ["", "arn:aws:events:eu-west-1:123456789012:event-bus/x"]),
        (
            "TargetGroups",
            ["", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-*/*"],
            ["web", "*", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1"],
        ),
        ("FleetPrefix", ["", "web-", "shop/prod."], ["web*", "a:b", "x" * 256]),
        (
            "PagingTopicArn",
            ["", "arn:aws:sns:eu-west-1:123456789012:pager", "arn:aws-cn:sns:cn-north-1:123456789012:p"],
            ["pager", "arn:aws:sqs:eu-west-1:123456789012:pager", "ana@example.com"],
        ),
    ],
)
def test_a_parameter_takes_what_is_right_and_refuses_what_is_wrong(parameter, good, bad):
    pattern = TEMPLATE["Parameters"][parameter]["AllowedPattern"]
    assert all(re.fullmatch(pattern, value) for value in good)
    assert not any(re.fullmatch(pattern, value) for value in bad)


def test_the_log_levels_are_the_products():
    levels = re.findall(r'\("(\w+)", LevelFilter::', (ROOT / "src/config.rs").read_text())
    assert TEMPLATE["Parameters"]["LogLevel"]["AllowedValues"] == levels


def test_every_output_is_described():
    assert all("Description" in output for output in TEMPLATE["Outputs"].values())


ALARMS = {name: r["Properties"] for name, r in RESOURCES.items() if r["Type"] == "AWS::CloudWatch::Alarm"}


def test_cutovers_own_alarms_are_there_and_page_whom_the_stack_was_told():
    assert set(ALARMS) == {"Errors", "DeadLettersWaiting", "Halted", "AnnouncingStuck", "SweepMissing"}
    for name, alarm in ALARMS.items():
        assert alarm["AlarmActions"] == {
            "Fn::If": ["HasPagingTopic", [{"Ref": "PagingTopicArn"}], {"Ref": "AWS::NoValue"}]
        }
        assert f"infra/RUNBOOK.md, Alarm {name}" in alarm["AlarmDescription"]
        assert f"### Alarm `{name}`" in (ROOT / "infra/RUNBOOK.md").read_text()


def test_the_alarms_look_at_gauges_that_every_sweep_writes():
    telemetry = (ROOT / "src/telemetry.rs").read_text()
    (namespace,) = re.findall(r'const NAMESPACE: &str = "(\w+)";', telemetry)
    (gauges,) = re.findall(r"json!\(\[\[\]\]\), &\[([^]]+)\]", telemetry)
    own = {name: alarm for name, alarm in ALARMS.items() if alarm["Namespace"] == namespace}
    assert {alarm["MetricName"] for alarm in own.values()} == set(re.findall(r"\w+", gauges))
    # A gauge has no dimension: an alarm that names one would never see it.
    assert all("Dimensions" not in alarm for alarm in own.values())


def test_a_sweep_that_is_missing_is_an_alarm_and_silence_elsewhere_is_none():
    missing = {name: alarm["TreatMissingData"] for name, alarm in ALARMS.items()}
    assert missing.pop("SweepMissing") == "breaching"
    assert set(missing.values()) <= {"notBreaching", "ignore"}


def test_what_a_rule_cannot_deliver_is_kept():
    rules = [r["Properties"] for r in expanded()["Resources"].values() if r["Type"] == "AWS::Events::Rule"]
    for rule in rules:
        (target,) = rule["Targets"]
        # The schedule's next event comes in any case.
        assert "ScheduleExpression" in rule or target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": "DeadLetters.Arn"}}


def test_what_the_function_cannot_handle_is_kept():
    config = RESOURCES["Function"]["Properties"]["EventInvokeConfig"]
    assert config["DestinationConfig"]["OnFailure"] == {
        "Type": "SQS",
        "Destination": {"Fn::GetAtt": "DeadLetters.Arn"},
    }


def test_fleets_and_alarms_may_send_to_the_topic_and_the_topic_to_the_function():
    statements = RESOURCES["NotificationsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    senders = [next(iter(statement["Principal"])) for statement in statements]
    assert senders == ["AWS", "Service"]
    whole = expanded()["Resources"]
    subscription = whole["FunctionNotification"]["Properties"]
    assert (subscription["Protocol"], subscription["TopicArn"]) == ("lambda", {"Ref": "Notifications"})


def test_an_alarm_may_invoke_the_function_itself():
    permission = RESOURCES["AlarmsMayInvoke"]["Properties"]
    assert permission["Principal"] == "lambda.alarms.cloudwatch.amazonaws.com"
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_the_log_is_made_before_the_function_and_kept_as_long_as_the_stack_was_told():
    assert RESOURCES["Function"]["Properties"]["LoggingConfig"] == {"LogGroup": {"Ref": "Log"}}
    assert RESOURCES["Log"]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_without_tracing_nothing_of_it_is_in_the_stack():
    whole = expanded()["Resources"]
    assert "TracingConfig" not in whole["Function"]["Properties"]
    assert not any("XRay" in str(arn) or "Xray" in str(arn) for arn in whole["FunctionRole"]["Properties"]["ManagedPolicyArns"])
