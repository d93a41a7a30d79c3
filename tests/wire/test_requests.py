"""What the shipped binary sends is what boto3 sends for the same call, and template.yaml allows that and no more."""

import time

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from infra.template import load
from wire.simulated import CLIENTS, Simulated, shipped

QUICK = {"bake_time_seconds": 2, "rollback_window_seconds": 1, "check_interval_seconds": 1}
ALARMS = ["errors", 'anything <&> "else"', "log lines"]

# What a release of each kind and the commands beside it have the product send, at least.
EXPECTED = {
    "AttachLoadBalancerTargetGroups", "AttachTrafficSources", "DescribeAlarmHistory", "DescribeAlarms",
    "DescribeAutoScalingGroups", "DescribeInstanceRefreshes", "DescribeLoadBalancerTargetGroups",
    "DescribeLoadBalancers", "DescribeTargetGroupAttributes", "DescribeTargetGroups", "DescribeTargetHealth",
    "DescribeTrafficSources", "DetachLoadBalancerTargetGroups", "DetachTrafficSources", "GetItem", "PutEvents",
    "Query", "TransactWriteItems", "UpdateAutoScalingGroup", "UpdateItem",
}  # fmt: skip


def drive(simulated, application, meanwhile=lambda report: None):
    """Checks an application until its release has ended."""
    for _ in range(90):
        report = simulated.invoke(command="check", application=application)
        if report["next_check_seconds"] == 0:
            return report
        meanwhile(report)
        time.sleep(min(report["next_check_seconds"], 1))
    raise AssertionError(f"the release of {application} has not ended: {report}")


@pytest.fixture(scope="module")
def simulated():
    with Simulated("--binary", shipped()) as simulated:
        yield simulated


@pytest.fixture(scope="module")
def sent(simulated):
    """Every request of a good release, of one rolled back by an alarm, and of the commands that read the record."""
    simulated.invoke(command="attach", green="web-2", alarms=ALARMS, **QUICK)
    assert drive(simulated, "web")["status"] == "successful"

    rung = []

    def ring(report):
        if report["stage"] == "bake" and not rung:
            rung.append(simulated.ask(hand="alarm"))

    simulated.invoke(command="attach", green="till-2", alarms=["errors"], **QUICK)
    assert drive(simulated, "till", ring)["status"] == "rollback_successful"
    for command in ({"command": "check"}, {"command": "list"}, {"command": "history", "application": "web"}):
        simulated.invoke(**command)
    requests = simulated.seen()
    assert EXPECTED <= {request["operation"] for request in requests}
    return requests


def typed(value, shape):
    """The log's value as boto3 wants it: a form carries numbers and booleans as text."""
    match shape.type_name:
        case "structure":
            return {name: typed(inner, shape.members[name]) for name, inner in value.items()}
        case "map":
            return {name: typed(inner, shape.value) for name, inner in value.items()}
        case "list":
            return [typed(inner, shape.member) for inner in value]
        case "integer" | "long":
            return int(value)
        case "boolean":
            return value in (True, "true")
        case _:
            return value


def free_of_order(value):
    """Lists sorted: what a request asks doesn't hang on the order of its names."""
    if isinstance(value, dict):
        return {name: free_of_order(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted((free_of_order(inner) for inner in value), key=repr)
    return value


def test_boto3_sends_the_same_for_the_same_call(simulated, sent):
    clients = {
        name: simulated.client(client, "smithy-rpc-v2-cbor" if client == "cloudwatch" else None)
        for name, client in CLIENTS.items()
    }
    replayed = set()
    for request in sent:
        what = (request["service"], request["operation"], repr(request["params"]))
        if what in replayed:
            continue
        replayed.add(what)
        client = clients[request["service"]]
        shape = client.meta.service_model.operation_model(request["operation"]).input_shape
        before = len(simulated.seen())
        try:
            getattr(client, xform_name(request["operation"]))(**typed(request["params"], shape))
        except ClientError:
            pass  # The world has moved on since, and refuses some writes now. What was sent is what counts here.
        [again] = simulated.seen(before)
        for part in ("service", "operation"):
            assert again[part] == request[part]
        assert free_of_order(again["params"]) == free_of_order(request["params"]), request["operation"]
    assert len(replayed) > len(EXPECTED)


# A transaction needs the rights of what it consists of.
PARTS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
PREFIXES = {"monitoring": "cloudwatch"}


def actions(request):
    if request["operation"] != "TransactWriteItems":
        return {f"{PREFIXES.get(request['service'], request['service'])}:{request['operation']}"}
    return {f"dynamodb:{PARTS[kind]}" for item in request["params"]["TransactItems"] for kind in item}


def test_the_template_allows_what_the_product_sends_and_nothing_else(sent):
    statements = load()["Resources"]["Function"]["Properties"]["Policies"][0]["Statement"]
    listed = [statement["Action"] for statement in statements if statement["Effect"] == "Allow"]
    granted = {action for one in listed for action in ([one] if isinstance(one, str) else one)}
    needed = {action for request in sent for action in actions(request)}
    assert needed - granted == set(), "missing in template.yaml"
    assert granted - needed == set(), "too much in template.yaml"
