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
    "TargetGroups": [f"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{name}/*" for name in ("web", "till")],
}


def plain(value, true=()):
    """CloudFormation's functions resolved; the conditions named are true, any other is false."""
    if isinstance(value, list):
        return [plain(inner, true) for inner in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("Ref", name)]:
            return TEXTS[name]
        case [("Fn::GetAtt", name)]:
            return TEXTS[name if isinstance(name, str) else ".".join(name)]
        case [("Fn::If", [condition, yes, no])]:
            return plain(yes if condition in true else no, true)
        case [("Fn::Sub", text)]:
            for name, meaning in TEXTS.items():
                text = text.replace("${" + name + "}", str(meaning))
            assert "${" not in text, text
            return text
        case _:
            return {name: plain(inner, true) for name, inner in value.items()}


def policies():
    """By resource: the policies of the roles, and of the topic and the queue; the function's also without a list of groups."""
    for name, resource in expanded()["Resources"].items():
        properties = resource.get("Properties", {})
        for policy in properties.get("Policies", []):
            yield f"{name}.{policy['PolicyName']}", plain(policy["PolicyDocument"])
            if "AnyTargetGroup" in str(policy):
                yield f"{name} of any target group", plain(policy["PolicyDocument"], {"AnyTargetGroup"})
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
    assert {"NotificationsPolicy", "DeadLettersPolicy", "FunctionRole of any target group"} | wanted <= set(POLICIES)


@pytest.mark.parametrize("name", POLICIES)
def test_parliament_finds_nothing(name):
    assert findings(POLICIES[name]) == []


def attach():
    document = copy.deepcopy(POLICIES["FunctionRole.FunctionRolePolicy0"])
    return document, next(s for s in document["Statement"] if s["Sid"] == "AttachTargetGroups")


def conditions(operator, key):
    """Spoils a statement by one condition more."""
    return lambda statement: statement["Condition"].update({operator: {key: "arn:aws:elasticloadbalancing:*:*:targetgroup/*"}})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda attach: attach["Action"].append("autoscaling:AttachTargetGroups"),
        conditions("StringLike", "autoscaling:ResourceTags/cutover:application"),
        conditions("StringLikes", "autoscaling:ResourceTag/cutover:application"),
        conditions("ForAllValues:ArnLike", "autoscaling:TargetGroupARN"),
        conditions("ForAllValues:StringLike", "autoscaling:TrafficSourceIdentifiers"),
        lambda attach: attach.update(Resource="arn:aws:autoscaling:eu-west-1:123456789012:group/web"),
        lambda attach: attach.update(Effect="Permit"),
    ],
    ids=["action", "condition key", "operator", "key of a group", "other pair's key", "resource", "effect"],
)
def test_parliament_refuses_a_wrong(spoil):
    document, statement = attach()
    spoil(statement)
    assert findings(document) != [], "parliament accepted a broken policy"
