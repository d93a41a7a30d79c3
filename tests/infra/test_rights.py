"""The rights in template.yaml are those of the calls in src/aws: none is missing, none is too much."""

import re

import boto3
import pytest
from botocore import xform_name

from infra.template import ROOT, load

# The SDK's crate, boto3's name of the service, and the prefix of its IAM actions.
SERVICES = [
    ("autoscaling", "autoscaling", "autoscaling"),
    ("elasticloadbalancingv2", "elbv2", "elasticloadbalancing"),
    ("cloudwatch", "cloudwatch", "cloudwatch"),
    ("dynamodb", "dynamodb", "dynamodb"),
    ("eventbridge", "events", "events"),
]

# A transaction has no right of its own: each of its parts needs the right of the same call alone.
TRANSACTION = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


def operations(service):
    """`describe_alarms` → `DescribeAlarms`, for all that a service can do, as AWS's own model says."""
    client = boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    return {xform_name(name): name for name in client.meta.service_model.operation_names}


OPERATIONS = {crate: operations(service) for crate, service, _ in SERVICES}
PREFIX = {crate: prefix for crate, _, prefix in SERVICES}


def calls(text):
    """The IAM actions that a Rust source needs: its SDK calls, and the parts of its transactions."""
    crates = set(re.findall(r"aws_sdk_(\w+)", text))
    # A file that names no SDK crate reaches the clients by the fields of `Clients`: every service is possible.
    crates = crates & set(OPERATIONS) or set(OPERATIONS)
    found = set()
    for name in re.findall(r"\.(\w+)\(\)", text):
        owners = [crate for crate in crates if name in OPERATIONS[crate]]
        found |= {f"{PREFIX[crate]}:{OPERATIONS[crate][name]}" for crate in owners}
    if "dynamodb" in crates:
        parts = re.findall(r"\b(Put|Update|Delete|ConditionCheck)::builder\(\)", text)
        found |= {f"dynamodb:{TRANSACTION[part]}" for part in parts}
    return found - {"dynamodb:TransactWriteItems"}


def shipped():
    """The sources of src/aws, without their unit tests."""
    for path in sorted((ROOT / "src/aws").glob("**/*.rs")):
        if "tests" not in path.relative_to(ROOT / "src").parts and path.name != "tests.rs":
            yield path, path.read_text().split("#[cfg(test)]")[0]


def called():
    return set().union(*(calls(text) for _, text in shipped()))


def granted():
    (policy,) = load()["Resources"]["Function"]["Properties"]["Policies"]
    actions = [statement["Action"] for statement in policy["Statement"]]
    return {action for some in actions for action in ([some] if isinstance(some, str) else some)}


def test_no_right_is_missing():
    assert called() - granted() == set()


def test_no_right_is_too_much():
    assert granted() - called() == set()


def test_each_action_that_a_message_names_is_granted():
    named = {action for _, text in shipped() for action in re.findall(r'"([a-z]+:[A-Z]\w+)"', text)}
    assert named, "no message names an IAM action"
    assert named - granted() == set()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("use aws_sdk_cloudwatch::Client; c.describe_alarms().send()", {"cloudwatch:DescribeAlarms"}),
        (
            "use aws_sdk_elasticloadbalancingv2 as elb; c\n    .describe_load_balancers()\n    .send()",
            {"elasticloadbalancing:DescribeLoadBalancers"},
        ),
        ("self.dynamodb.query().send()", {"dynamodb:Query"}),
        (
            "use aws_sdk_dynamodb::types::{Put, Update}; Put::builder(); Update::builder(); c.transact_write_items()",
            {"dynamodb:PutItem", "dynamodb:UpdateItem"},
        ),
        ("use aws_sdk_autoscaling::Client; alarms.clone(); groups.items().send()", set()),
    ],
)
def test_calls_are_recognised(source, expected):
    assert calls(source) == expected
