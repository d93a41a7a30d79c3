"""The workflow of infra/release.asl.json, run by a third-party interpreter, with the shipped binary as its function."""

import json

import pytest

from workflow.interpreter import interpreter

QUICK = {"bake_time_seconds": 1, "rollback_window_seconds": 1, "check_interval_seconds": 1}
WEB = {"command": "attach", "green": "web-2", "alarms": ["errors"], **QUICK}

# Waits of minutes, shortened.
SHORT = {"Wait to attach": {"Seconds": 1}, "Wait longer": {"Seconds": 1}}

# What a report has, also one in the cause of a failure.
FIELDS = {
    "application", "release", "green", "blue", "stage", "status", "waiting_on", "next_check_seconds", "verdict",
    "actions", "message", "warnings",
}  # fmt: skip


@pytest.fixture
def workflow():
    with interpreter() as running:
        yield running


def failed(execution, error, status):
    assert (execution.status, execution.error) == ("FAILED", error), execution.cause
    report = execution.report()
    assert set(report) == FIELDS
    assert report["status"] == status
    return report


def test_a_good_release_succeeds_with_the_report_as_output(workflow):
    execution = workflow.run(WEB)
    assert execution.status == "SUCCEEDED", execution.cause
    report = execution.report()
    assert FIELDS <= set(report) and report["timeline"]
    assert (report["status"], report["green"], report["next_check_seconds"]) == ("successful", "web-2", 0)
    attach, *checks = workflow.function.invoked
    assert attach == WEB | {"client_token": execution.arn, "by": execution.arn}
    assert checks and all(check == {"command": "check", "release": report["release"]} for check in checks)

    # What tests/workflow/test_definition.py computes with: a round of Wait, Check and Where it stands is nine events.
    rounds = [event["id"] for event in execution.events if event["type"] == "WaitStateEntered"]
    assert {later - earlier for earlier, later in zip(rounds, rounds[1:], strict=False)} == {9}


def test_an_alarm_in_the_bake_fails_it_with_the_report_as_cause(workflow):
    workflow.function.when_in("bake", lambda: workflow.function.simulated.ask(hand="alarm"))
    report = failed(workflow.run(WEB), "RollbackSuccessful", "rollback_successful")
    assert report["verdict"]["state"] == "in_alarm"


def test_a_release_that_could_not_begin_fails_as_rejected(workflow):
    said = WEB | {"alarms": ["nope"], "prepare_timeout_seconds": 1}
    report = failed(workflow.run(said), "Rejected", "rejected")
    assert "nope" in report["message"]


def test_bad_input_fails_at_once_and_says_what_was_wrong(workflow):
    execution = workflow.run(WEB | {"alarm": ["errors"]})
    assert (execution.status, execution.error) == ("FAILED", "InvalidRequest")
    assert "did you mean" in json.loads(execution.cause)["errorMessage"]
    assert len(workflow.function.invoked) == 1
    assert workflow.run(WEB | {"green": "web-3"}).error == "NotFound"


@pytest.mark.parametrize("command", ["plan", "rollback", None])
def test_another_command_never_becomes_an_attach(workflow, command):
    execution = workflow.run(WEB | {"command": command})
    assert (execution.status, execution.error) == ("FAILED", "InvalidRequest")
    assert workflow.function.invoked == []


def test_the_command_may_be_left_out_and_who_asks_may_be_said(workflow):
    del (said := WEB | {"by": "ana", "prepare_timeout_seconds": 1, "alarms": ["nope"]})["command"]
    failed(workflow.run(said), "Rejected", "rejected")
    assert workflow.function.invoked[0]["command"] == "attach"
    assert workflow.function.invoked[0]["by"] == "ana"


def test_what_passes_is_tried_again(workflow):
    workflow.function.faults = ["Busy", "Throttled", (429, "TooManyRequestsException"), "Sandbox.Timedout"]
    execution = workflow.run(WEB, **SHORT)
    assert execution.status == "SUCCEEDED", execution.cause


def test_a_release_that_runs_is_never_given_up(workflow):
    # More than one state retries: after the fifth retry it waits, and begins again.
    attempts = 14
    quick = {"Retry": [{"ErrorEquals": ["Unavailable"], "IntervalSeconds": 1, "BackoffRate": 1.0, "MaxAttempts": 5}]}
    faults = ["Unavailable"] * attempts

    def lose(event):
        if event["command"] == "check" and faults:
            workflow.function.faults, faults[:] = list(faults), []

    workflow.function.before = lose
    execution = workflow.run(WEB, **SHORT | {"Check": quick})
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.entered().count("Wait longer") == attempts // 6


def test_an_attach_whose_answer_was_lost_is_the_same_release(workflow):
    ask, lost = workflow.function.simulated.ask, []

    def lose(event):
        if event["command"] == "attach" and not lost:
            lost.append(ask(invoke=event)["result"]["release"])

    workflow.function.before = lose
    execution = workflow.run(WEB)
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.report()["release"] == lost[0]


def test_a_halt_fails_it_while_both_fleets_stay(workflow):
    simulated = workflow.function.simulated

    def break_both():
        # Somebody shrinks blue to nothing, then the alarm: there is nothing to go back to.
        simulated.client("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName="web-1", MinSize=0, DesiredCapacity=0
        )
        simulated.ask(hand="alarm")

    workflow.function.when_in("bake", break_both)
    said = WEB | {"rollback_timeout_seconds": 2}
    report = failed(workflow.run(said), "Halted", "rollback_failed")
    assert report["waiting_on"]["kind"] == "person"
    assert report["next_check_seconds"] > 0
