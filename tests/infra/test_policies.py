"""Every policy of template.yaml, as AWS will get it, through a third-party linter of policies."""

import copy
import json

import parliament
import pytest

from infra.template import expanded

# parliament's table gives this condition key a type that its own checks don't know, and crashes at it.
for service in parliament.iam_definition:
    for condition in service["conditions"]:
        if condition["type"] == "ArrayOfARN":
            condition["type"] = "ARN"

# What stands for CloudFormation's functions: parliament wants texts.
TEXTS = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "123456789012",
    "EventBus": "default",
    "Notifications": "arn:aws:sns:eu-west-1:123456789012:cutover-notifications",
    "Table.Arn": "arn:aws:dynamodb:eu-west-1:123456789012:table/cutover",
    "Function.Arn": "arn:aws:lambda:eu-west-1:123456789012:function:cutover",
    "DeadLetters.Arn": "arn:aws:sqs:eu-west-1:123456789012:cutover-dead-letters",
}


def plain(value):
    """CloudFormation's functions resolved."""
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("Ref", name)]:
            return TEXTS[name]
        case [("Fn::GetAtt", name)]:
            return TEXTS[name if isinstance(name, str) else ".".join(name)]
        case [("Fn::Sub", text)]:
            for name, meaning in TEXTS.items():
                text = text.replace("${" + name + "}", meaning)
            assert "${" not in text, text
            return text
        case _:
            return {name: plain(inner) for name, inner in value.items()}


def policies():
    """By resource: the policies of the roles, and of the topic and the queue."""
    for name, resource in expanded()["Resources"].items():
        properties = resource.get("Properties", {})
        for policy in properties.get("Policies", []):
            yield f"{name}.{policy['PolicyName']}", plain(policy["PolicyDocument"])
        if "PolicyDocument" in properties:
            yield name, plain(properties["PolicyDocument"])


# Asked for on "*" although they know a resource: with less, CloudWatch leaves composite alarms out without a word.
ON_EVERYTHING = ["cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms"]


def findings(document):
    """What parliament says. A policy of SAM's own has no version: CloudFormation's default, and of no concern here."""
    document = {"Version": "2012-10-17"} | document
    policy = parliament.analyze_policy_string(json.dumps(document), ignore_private_auditors=True)
    excepted = ("RESOURCE_STAR", ON_EVERYTHING)
    return [f"{f.issue}: {f.detail}" for f in policy.findings if (f.issue, f.detail) != excepted]


POLICIES = dict(policies())


def test_every_policy_is_found():
    wanted = {"FunctionRole.FunctionRolePolicy0", "ReleaseWorkflowRole.ReleaseWorkflowRolePolicy1"}
    assert {"NotificationsPolicy", "DeadLettersPolicy"} | wanted <= set(POLICIES)


@pytest.mark.parametrize("name", POLICIES)
def test_parliament_finds_nothing(name):
    assert findings(POLICIES[name]) == []


def act():
    document = copy.deepcopy(POLICIES["FunctionRole.FunctionRolePolicy0"])
    return document, next(s for s in document["Statement"] if s["Sid"] == "Act")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda act: act["Action"].append("autoscaling:AttachTargetGroups"),
        lambda act: act.update(Condition={"StringLike": {"autoscaling:ResourceTags/cutover:application": "?*"}}),
        lambda act: act.update(Condition={"StringLikes": {"autoscaling:ResourceTag/cutover:application": "?*"}}),
        lambda act: act.update(Resource="arn:aws:autoscaling:eu-west-1:123456789012:group/web"),
        lambda act: act.update(Effect="Permit"),
    ],
    ids=["action", "condition key", "operator", "resource", "effect"],
)
def test_parliament_refuses_a_wrong(spoil):
    document, statement = act()
    spoil(statement)
    assert findings(document) != [], "parliament accepted a broken policy"
