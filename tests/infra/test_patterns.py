"""The rules of template.yaml send what they should, and nothing else: each event of events/ through a third-party EventBridge."""

import itertools
import json

import boto3
import pytest
from moto import mock_aws

from infra.template import ROOT, expanded

# Which rule sends it; the other files of EventBridge's shape are sent by none.
SENT = {
    "launch-successful": "Launch",
    "launch-unsuccessful": "Launch",
    "launch-lifecycle-action": "Launch",
    "create-auto-scaling-group": "FleetCreated",
    "create-or-update-tags": "FleetTagged",
    "create-or-update-tags-several": "FleetTagged",
    "alarm-metric": "AlarmState",
    "alarm-metric-maths": "AlarmState",
    "alarm-composite": "AlarmState",
    "alarm-recovered": "AlarmState",
}
NOT_SENT = {
    "terminate-successful",
    "create-auto-scaling-group-failed",
    "create-or-update-tags-others",
    "alarm-configuration-change",
    "schedule",
    "schedule-scheduler",
}
KEYS = {"region_name": "eu-west-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}


def event(name):
    return json.loads((ROOT / f"events/{name}.json").read_text())


def resolved(value, prefix):
    """The pattern as CloudFormation resolves it, with or without a prefix of fleet names."""
    if isinstance(value, list):
        return [resolved(inner, prefix) for inner in value]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        condition, yes, no = value["Fn::If"]
        assert condition == "HasFleetPrefix"
        return resolved(yes if prefix else no, prefix)
    if value == {"Ref": "FleetPrefix"}:
        return prefix
    return {name: resolved(inner, prefix) for name, inner in value.items()}


def patterns(prefix=""):
    """By the rule's name in the template."""
    rules = {name: r["Properties"] for name, r in expanded()["Resources"].items() if r["Type"] == "AWS::Events::Rule"}
    return {
        name.removeprefix("Function"): resolved(rule["EventPattern"], prefix)
        for name, rule in rules.items()
        if "EventPattern" in rule
    }


def crushed(value):
    """
    An event with a list of structures, once for each of them: EventBridge matches it if one structure alone does (so says its
    published matcher, event-ruler, under "JSON Array Matching"); moto looks into no such list.
    """
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [inner for element in value for inner in crushed(element)]
    if isinstance(value, dict):
        fields = [[(name, inner) for inner in crushed(field)] for name, field in value.items()]
        return [dict(chosen) for chosen in itertools.product(*fields)]
    return [value]


def senders(event, patterns):
    """The rules that send an event."""
    with mock_aws():
        events, sqs = boto3.client("events", **KEYS), boto3.client("sqs", **KEYS)
        queues = {}
        for name, pattern in patterns.items():
            queues[name] = sqs.create_queue(QueueName=name)["QueueUrl"]
            arn = f"arn:aws:sqs:eu-west-1:123456789012:{name}"
            events.put_rule(Name=name, EventPattern=json.dumps(pattern))
            events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        entry = {"Source": event["source"], "DetailType": event["detail-type"]}
        for detail in crushed(event["detail"]):
            done = events.put_events(Entries=[entry | {"Detail": json.dumps(detail)}])
            assert done["FailedEntryCount"] == 0, done
        return {name for name, queue in queues.items() if "Messages" in sqs.receive_message(QueueUrl=queue)}


def test_every_event_of_eventbridge_is_judged_here():
    files = {path.stem for path in (ROOT / "events").glob("*.json")}
    of_eventbridge = {name for name in files if "detail-type" in event(name)}
    assert of_eventbridge == set(SENT) | NOT_SENT


def test_a_list_of_structures_is_judged_element_by_element():
    tags = {"tags": [{"key": "a", "id": 1}, {"key": "b", "id": 2}], "zones": ["x", "y"]}
    one = {"zones": ["x", "y"]}
    assert crushed(tags) == [one | {"tags": {"key": "a", "id": 1}}, one | {"tags": {"key": "b", "id": 2}}]


@pytest.mark.parametrize(("name", "rule"), SENT.items(), ids=SENT)
def test_its_rule_and_no_other_sends(name, rule):
    assert senders(event(name), patterns()) == {rule}


@pytest.mark.filterwarnings("ignore:EventDetail should be")  # EventBridge Scheduler's own detail is a text
@pytest.mark.parametrize("name", sorted(NOT_SENT))
def test_no_rule_sends(name):
    assert senders(event(name), patterns()) == set()


FLEETS = sorted(name for name, rule in SENT.items() if rule != "AlarmState")


@pytest.mark.parametrize("name", FLEETS)
def test_with_a_prefix_only_fleets_that_begin_so_are_sent(name):
    assert senders(event(name), patterns("web-")) == {SENT[name]}
    assert senders(event(name), patterns("shop-")) == set()


def test_a_prefix_of_fleets_keeps_no_alarm_away():
    assert senders(event("alarm-metric"), patterns("shop-")) == {"AlarmState"}


# A broken pattern is seen: each of these is one typing error away.
@pytest.mark.parametrize(
    ("rule", "old", "new", "name"),
    [
        ("Launch", "EC2 Instance Launch Successful", "EC2 Instance Launch Succesful", "launch-successful"),
        ("Launch", "AutoScalingGroupName", "autoScalingGroupName", "launch-successful"),
        ("FleetCreated", "autoscaling.amazonaws.com", "aws.autoscaling", "create-auto-scaling-group"),
        ("FleetTagged", "resourceId", "resourceID", "create-or-update-tags"),
        ("AlarmState", "aws.cloudwatch", "aws.monitoring", "alarm-metric"),
    ],
)
def test_a_pattern_that_does_not_match_is_seen(rule, old, new, name):
    whole = patterns()
    text = json.dumps(whole[rule])
    assert old in text
    whole[rule] = json.loads(text.replace(old, new))
    assert senders(event(name), whole) == set()


@pytest.mark.parametrize("name", ["create-auto-scaling-group-failed", "create-or-update-tags-others"])
def test_a_pattern_that_matches_too_much_is_seen(name):
    whole = patterns()
    for rule in ("FleetCreated", "FleetTagged"):
        whole[rule]["detail"].pop("errorCode")
        whole[rule]["detail"]["requestParameters"].get("tags", {}).pop("key", None)
    assert senders(event(name), whole) != set()
