"""boto3's own parsers accept every reply of the wire face, whole, in each protocol that the service offers."""

import json
import xml.etree.ElementTree as ElementTree

import pytest
from botocore.exceptions import ClientError

from infra.template import create_table_request
from wire.simulated import Simulated

# Every read that the product sends; the parameters are those of the world of simulated-aws.
READS = [
    ("autoscaling", "describe_auto_scaling_groups", {}),
    ("autoscaling", "describe_auto_scaling_groups", {"AutoScalingGroupNames": ["web-1"], "IncludeInstances": True}),
    ("autoscaling", "describe_auto_scaling_groups", {"Filters": [{"Name": "tag-key", "Values": ["cutover:application"]}]}),
    ("autoscaling", "describe_traffic_sources", {"AutoScalingGroupName": "till-1"}),
    ("autoscaling", "describe_load_balancer_target_groups", {"AutoScalingGroupName": "web-1"}),
    ("autoscaling", "describe_instance_refreshes", {"AutoScalingGroupName": "batch"}),
    ("elbv2", "describe_target_groups", {}),
    ("elbv2", "describe_load_balancers", {}),
    ("cloudwatch", "describe_alarms", {"AlarmTypes": ["MetricAlarm", "CompositeAlarm", "LogAlarm"]}),
    ("cloudwatch", "describe_alarm_history", {"AlarmName": "errors", "HistoryItemType": "StateUpdate"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def simulated():
    with Simulated() as simulated:
        yield simulated


def leaves(value):
    """How many values that are neither lists nor structures."""
    if isinstance(value, dict):
        return sum(leaves(inner) for name, inner in value.items() if name != "ResponseMetadata")
    if isinstance(value, list):
        return sum(leaves(inner) for inner in value)
    return 1


def xml_leaves(element):
    children = list(element)
    if children:
        return sum(xml_leaves(child) for child in children if not child.tag.endswith("}ResponseMetadata"))
    return int(bool(element.text))


def whole(client, method, parameters):
    """Calls, and asserts that the parser left nothing of the reply aside. Returns what it made of it."""
    bodies = []
    # Before any parser has seen it.
    client.meta.events.register_first("before-parse", lambda response_dict, **_: bodies.append(response_dict["body"]))
    parsed = getattr(client, method)(**parameters)
    body = bodies[-1]
    if body.startswith(b"<"):
        sent = xml_leaves(ElementTree.fromstring(body))
    elif body.startswith(b"{"):
        sent = leaves(json.loads(body))
    else:
        return parsed  # CBOR: botocore's parser is the only one at hand
    assert leaves(parsed) == sent > 0, f"{method}: {body.decode()}"
    return parsed


@pytest.mark.parametrize(("service", "method", "parameters"), READS, ids=lambda value: value if isinstance(value, str) else "")
def test_replies_are_read_whole(simulated, service, method, parameters):
    whole(simulated.client(service), method, parameters)


def test_replies_about_one_group_are_read_whole(simulated):
    client = simulated.client("elbv2")
    [group] = client.describe_target_groups(Names=["web"])["TargetGroups"]
    arn = {"TargetGroupArn": group["TargetGroupArn"]}
    health = whole(client, "describe_target_health", arn)["TargetHealthDescriptions"]
    assert [target["TargetHealth"]["State"] for target in health] == ["healthy", "healthy"]
    attributes = whole(client, "describe_target_group_attributes", arn)["Attributes"]
    assert {"Key": "deregistration_delay.timeout_seconds", "Value": "1"} in attributes


@pytest.mark.parametrize("protocol", ["json", "query", "smithy-rpc-v2-cbor"])
def test_cloudwatch_says_the_same_in_every_protocol(simulated, protocol):
    client = simulated.client("cloudwatch", protocol)
    other = simulated.client("cloudwatch")
    for method, parameters in [(method, parameters) for service, method, parameters in READS if service == "cloudwatch"]:
        here, there = (getattr(one, method)(**parameters) for one in (client, other))
        for reply in (here, there):
            del reply["ResponseMetadata"]
        assert here == there
    with pytest.raises(ClientError) as refused:
        client.describe_alarms(NextToken="of another service")
    assert refused.value.response["Error"]["Code"] == "InvalidNextToken"


def test_pages_add_up_to_the_whole(simulated):
    with Simulated("--page", "1") as paged:
        for service, operation, part in [
            ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"),
            ("elbv2", "describe_target_groups", "TargetGroups"),
            ("cloudwatch", "describe_alarms", "MetricAlarms"),
            ("cloudwatch", "describe_alarm_history", "AlarmHistoryItems"),
        ]:
            pages = list(paged.client(service).get_paginator(operation).paginate())
            found = [item for page in pages for item in page[part]]
            everything = getattr(simulated.client(service), operation)()[part]
            assert len(found) == len(everything), operation
            assert len(pages) >= len(found), operation


def test_errors_have_the_codes_that_callers_match_on(simulated):
    for service, call, code in [
        ("autoscaling", lambda client: client.describe_traffic_sources(AutoScalingGroupName="none"), "ValidationError"),
        ("elbv2", lambda client: client.describe_target_groups(Names=["none"]), "TargetGroupNotFound"),
        ("dynamodb", lambda client: client.describe_table(TableName="none"), "ResourceNotFoundException"),
    ]:
        with pytest.raises(ClientError) as refused:
            call(simulated.client(service))
        assert refused.value.response["Error"]["Code"] == code
        assert refused.value.response["ResponseMetadata"]["RequestId"]


def test_writes_are_answered(simulated):
    client = simulated.client("autoscaling")
    [group] = simulated.client("elbv2").describe_target_groups(Names=["web"])["TargetGroups"]
    arn, green = group["TargetGroupArn"], {"AutoScalingGroupName": "web-2"}
    sources = {"TrafficSources": [{"Identifier": arn, "Type": "elbv2"}]}
    client.update_auto_scaling_group(**green, MinSize=2)
    client.attach_load_balancer_target_groups(**green, TargetGroupARNs=[arn])
    client.detach_load_balancer_target_groups(**green, TargetGroupARNs=[arn])
    client.attach_traffic_sources(**green, **sources)
    client.detach_traffic_sources(**green, **sources)
    [fleet] = client.describe_auto_scaling_groups(AutoScalingGroupNames=["web-2"])["AutoScalingGroups"]
    assert fleet["MinSize"] == 2
    put = simulated.client("events").put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}])
    assert put["FailedEntryCount"] == 0 and put["Entries"][0]["EventId"]


def test_the_table_is_one_to_boto3(simulated):
    client = simulated.client("dynamodb")
    client.create_table(**create_table_request("other"))
    client.get_waiter("table_exists").wait(TableName="other")
    key = {"application": {"S": "web"}, "item": {"S": "state"}}
    client.put_item(TableName="other", Item=key | {"n": {"N": "1"}, "in_flight": {"S": "y"}})
    update = {
        "TableName": "other",
        "Key": key,
        "UpdateExpression": "SET n = n + :one",
        "ConditionExpression": "n = :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    assert client.update_item(**update, ReturnValues="ALL_NEW")["Attributes"]["n"] == {"N": "2"}
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as refused:
        client.update_item(**update)
    assert refused.value.response["Item"]["n"] == {"N": "2"}
    with pytest.raises(client.exceptions.TransactionCanceledException) as cancelled:
        client.transact_write_items(TransactItems=[{"Update": update}])
    [reason] = cancelled.value.response["CancellationReasons"]
    assert (reason["Code"], reason["Item"]["n"]) == ("ConditionalCheckFailed", {"N": "2"})
    found = client.query(
        TableName="other",
        IndexName="in_flight",
        KeyConditionExpression="in_flight = :y",
        ExpressionAttributeValues={":y": {"S": "y"}},
    )
    assert [item["item"]["S"] for item in found["Items"]] == ["state"]
    batch = client.batch_get_item(RequestItems={"other": {"Keys": [key]}})
    assert batch["Responses"]["other"][0]["n"] == {"N": "2"}
