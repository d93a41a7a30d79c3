"""template.yaml is what its linters, AWS's own SAM and the product agree on."""

import json
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from infra.template import ROOT, TEMPLATE, create_table_request, expanded, load

BIN = Path(sys.executable).parent


def run(*command, cwd=ROOT):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=cwd)


def lint(path, folder):
    """What cfn-lint says of the template as written, and of what SAM expands it to: only there are roles and policies judged."""
    (folder / "expanded.json").write_text(json.dumps(expanded(path)))
    done = run(BIN / "cfn-lint", "--regions", "us-east-1", "--template", path, folder / "expanded.json")
    return done.stdout + done.stderr


def broken(folder, old, new):
    text = TEMPLATE.read_text()
    assert old in text, f"the template has no {old!r} to break"
    path = folder / "template.yaml"
    path.write_text(text.replace(old, new, 1))
    return path


def test_cfn_lint_finds_nothing(tmp_path):
    assert lint(TEMPLATE, tmp_path) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("autoscaling:AttachTrafficSources", "autoscaling:AttachTrafficSource"),
        ("!GetAtt Table.Arn", "!GetAtt Table.Name"),
        ("KeyType: RANGE", "KeyType: SORT"),
        ("provided.al2023", "provided.al1999"),
        ("Timeout: 30", "Timeout: 901"),
    ],
    ids=["action", "attribute", "key type", "runtime", "timeout"],
)
def test_cfn_lint_refuses_a_wrong(tmp_path, old, new):
    assert lint(broken(tmp_path, old, new), tmp_path) != "", "cfn-lint accepted a broken template"


def test_sam_finds_nothing():
    done = run(BIN / "sam", "validate", "--lint")
    assert done.returncode == 0, done.stdout + done.stderr


def test_sam_refuses_what_it_does_not_know(tmp_path):
    path = broken(tmp_path, "Handler: bootstrap", "Handlr: bootstrap")
    assert run(BIN / "sam", "validate", "--lint", "--template-file", path, cwd=tmp_path).returncode != 0


def function():
    return load()["Resources"]["Function"]["Properties"]


def test_the_function_gets_every_variable_that_the_product_reads():
    assert set(function()["Environment"]["Variables"]) == {
        "CUTOVER_TABLE",
        "CUTOVER_DEFAULTS",
        "CUTOVER_EVENT_BUS",
        "CUTOVER_LOG",
        "SSL_CERT_FILE",
    }


def test_an_invocation_outlasts_its_lease_and_ends_before_the_next_sweep():
    lease_work_seconds, sweep_seconds = 20, 60
    assert lease_work_seconds < function()["Timeout"] < sweep_seconds
    assert function()["Events"]["Sweep"]["Properties"]["Schedule"] == "rate(1 minute)"


def test_the_record_outlives_the_stack_and_can_be_restored():
    table = load()["Resources"]["Table"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_nothing_on_the_record_expires():
    """A client token means the same release for ever, and a fleet that was in a release starts no other by itself."""
    assert "TimeToLiveSpecification" not in load()["Resources"]["Table"]["Properties"]


def statements():
    (policy,) = function()["Policies"]
    return {statement["Sid"]: statement for statement in policy["Statement"]}


# What writes to a fleet, with the condition key of what it attaches or detaches, if any.
WRITES = {
    "AttachTargetGroups": ("ForAllValues:ArnLike", "autoscaling:TargetGroupARNs"),
    "AttachTrafficSources": ("ForAllValues:StringLike", "autoscaling:TrafficSourceIdentifiers"),
    "Hold": None,
}


def test_fleets_are_written_only_where_they_opted_in():
    writing = {sid for sid, statement in statements().items() if "autoScalingGroup" in str(statement["Resource"])}
    assert writing == set(WRITES)
    for sid in writing:
        assert statements()[sid]["Condition"]["StringLike"] == {"autoscaling:ResourceTag/cutover:application": "?*"}


def test_a_fleet_is_attached_to_and_detached_from_allowed_target_groups_alone_by_either_pair():
    every = "arn:${AWS::Partition}:elasticloadbalancing:${AWS::Region}:${AWS::AccountId}:targetgroup/*"
    for sid, key in WRITES.items():
        conditions = statements()[sid]["Condition"]
        if key is None:
            assert set(conditions) == {"StringLike"}
            continue
        operator, name = key
        allowed = {"Fn::If": ["AnyTargetGroup", {"Fn::Sub": every}, {"Ref": "TargetGroups"}]}
        assert conditions[operator] == {name: allowed}, sid


def test_only_reads_are_granted_on_everything():
    for statement in statements().values():
        if statement["Resource"] == "*":
            assert all(":Describe" in action for action in statement["Action"]), statement["Sid"]


def test_no_right_is_a_wildcard():
    for statement in statements().values():
        assert "*" not in str(statement["Action"]), statement["Sid"]


@mock_aws
def test_a_third_party_dynamodb_accepts_the_table_and_its_sparse_index():
    client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    client.create_table(**create_table_request())

    def put(application, **more):
        item = {"application": {"S": application}, "item": {"S": "hot"}} | {k: {"S": v} for k, v in more.items()}
        client.put_item(TableName="cutover", Item=item)

    put("shop", in_flight="yes")
    put("blog")
    found = client.query(
        TableName="cutover",
        IndexName="in_flight",
        KeyConditionExpression="in_flight = :yes",
        ExpressionAttributeValues={":yes": {"S": "yes"}},
    )["Items"]
    assert [item["application"]["S"] for item in found] == ["shop"]


def test_the_makefile_builds_what_sam_asks_for():
    assert load()["Resources"]["Function"]["Metadata"]["BuildMethod"] == "makefile"
    assert "\nbuild-Function:" in (ROOT / "Makefile").read_text()
