"""infra/release.asl.json as a text: its linter, its limits, and what it and the product have agreed on."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.template import ROOT, load
from workflow.interpreter import DEFINITION, definition

# Step Functions ends an execution whose history would grow beyond this (a quota that can't be raised).
MOST_EVENTS = 25_000

# Events of a state that is passed once: entered and exited, and of a task also scheduled, started, succeeded or failed.
EVENTS = {"Task": 5, "Wait": 2, "Choice": 2, "Pass": 2, "Succeed": 2, "Fail": 1}
# A retry is three more: scheduled, started, failed.
RETRY = 3


def lint(path):
    statelint = Path(sys.executable).parent / "statelint"
    done = subprocess.run([statelint, path], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def states():
    return definition()["States"]


def test_statelint_finds_nothing():
    assert lint(DEFINITION) == (0, "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Next": "Check"', '"Next": "Chek"'),
        ('"SecondsPath"', '"SecondPath"'),
        ('"BackoffRate": 2.0', '"BackoffRate": 0.5'),
        ('"StringEquals": "rejected"', '"StringEqual": "rejected"'),
        ('"Default": "Wait"', '"Default": "Successful"'),
    ],
    ids=["next", "field", "backoff", "comparison", "unreachable"],
)
def test_statelint_refuses_a_wrong(tmp_path, old, new):
    text = DEFINITION.read_text()
    assert old in text
    path = tmp_path / "release.asl.json"
    path.write_text(text.replace(old, new))
    assert lint(path)[0] != 0, "statelint accepted a broken workflow"


def events(*names):
    return sum(EVENTS[states()[name]["Type"]] for name in names)


def looks():
    """How often a workflow looks in the longest legal release: a number that a test beside `next_check_seconds` keeps."""
    (number,) = re.findall(r"const MOST_LOOKS: u32 = ([\d_]+);", (ROOT / "src/decide/pace.rs").read_text())
    return int(number.replace("_", ""))


def longest():
    """The events of the longest legal release, from ExecutionStarted to ExecutionFailed."""
    begin = 1 + events("Read the input", "Name the release", "Attach", "Where it stands")
    end = events("Sum up", "How it ended", "Rejected") + 1
    return begin + looks() * events("Wait", "Check", "Where it stands") + end


def test_the_longest_legal_release_fits_into_one_execution():
    assert longest() < MOST_EVENTS


def test_the_longest_legal_release_fits_even_with_half_a_day_of_trouble():
    # Trouble is: a check with all its retries, then the longer wait.
    check, wait = states()["Check"], states()["Wait longer"]
    trouble = events("Check", "Wait longer") + RETRY * sum(retry["MaxAttempts"] for retry in check["Retry"])
    half_a_day = 12 * 3600 / wait["Seconds"]
    assert longest() + half_a_day * trouble < MOST_EVENTS


def product_errors():
    """The errors of the product's table: name → whether it may pass."""
    table = re.findall(r'"([A-Z]\w+)", (true|false)\)', (ROOT / "src/error.rs").read_text())
    assert table
    return {name: passes == "true" for name, passes in table}


@pytest.mark.parametrize("task", ["Attach", "Check"])
def test_what_passes_is_retried_and_then_waited_for_and_nothing_else_is(task):
    retried = {name for retry in states()[task]["Retry"] for name in retry["ErrorEquals"]}
    caught = {name for catch in states()[task]["Catch"] for name in catch["ErrorEquals"]}
    for name, passes in product_errors().items():
        assert (name in retried, name in caught) == (passes, passes), name
    # States.ALL would retry a wrong request for ever. A function that can't start isn't worth an endless attach.
    assert not any(name in retried | caught for name in ("States.ALL", "States.TaskFailed"))
    assert retried - caught == (set() if task == "Check" else {"Runtime.ExitError", "Runtime.Unknown"})


def test_a_task_is_given_up_later_than_the_function_and_its_cold_start():
    timeout = load()["Resources"]["Function"]["Properties"]["Timeout"]
    for task in ("Attach", "Check"):
        assert states()[task]["TimeoutSeconds"] > timeout + 20


def test_the_template_fills_every_blank_of_the_workflow():
    workflow = load()["Resources"]["ReleaseWorkflow"]["Properties"]
    assert workflow["DefinitionUri"] == str(DEFINITION.relative_to(ROOT))
    assert set(re.findall(r"\$\{(\w+)\}", DEFINITION.read_text())) == set(workflow["DefinitionSubstitutions"])
    assert "${" not in json.dumps(definition())


PAGE = (ROOT / "infra/README.md").read_text()


def parent():
    """The states of another workflow that infra/README.md shows, and one of nothing for each that they only name."""
    blocks = [block.strip() for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    states = json.loads("{" + ",".join(blocks) + "}")
    named = set(re.findall(r'"(?:Next|Default)": "([^"]+)"', json.dumps(states)))
    return {"StartAt": "Release", "States": states | {name: {"Type": "Succeed"} for name in named - set(states)}}


def test_statelint_finds_nothing_in_the_states_that_the_page_shows(tmp_path):
    path = tmp_path / "parent.asl.json"
    path.write_text(json.dumps(parent()))
    assert lint(path) == (0, "")


def test_the_page_names_every_error_of_the_workflow_and_of_the_product_that_ends_it():
    ends = {state["Error"] for state in states().values() if state["Type"] == "Fail"}
    ends |= {name for name, passes in product_errors().items() if not passes}
    named = set(re.findall(r"`([A-Z]\w+)`", "".join(line for line in PAGE.splitlines() if " fails" in line)))
    assert ends == named
    caught = set(re.findall(r'\.Error", "StringEquals": "(\w+)"', PAGE))
    assert caught and caught <= ends
