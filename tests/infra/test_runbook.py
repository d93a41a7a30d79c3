"""Every command of the AWS CLI that a page gives exists, with its options, and lacks none that is needed."""

import re
import shlex

import boto3
import pytest
from botocore import xform_name

from infra.template import ROOT, expanded, load

PAGES = [ROOT / "README.md", ROOT / "events/README.md", *sorted((ROOT / "infra").glob("*.md"))]
# Of the CLI itself, not of a service.
GLOBAL = {"query", "output", "max-items", "cli-binary-format"}
# Commands of the CLI's own, that no service's model has: their options, and what they need.
OWN = {
    ("logs", "tail"): ({"since", "follow"}, set()),
    ("cloudformation", "deploy"): (
        {"stack-name", "template-file", "parameter-overrides", "capabilities"},
        {"stack-name", "template-file"},
    ),
}


def given(text):
    """Each `aws …` in a code span or a code block, in one line."""
    joined = text.replace("\\\n", " ")
    for piece in re.findall(r"```sh\n(.*?)```|`([^`\n]*)`", joined, re.DOTALL):
        for line in "".join(piece).splitlines():
            yield from re.findall(r"(?:^|\$\(|\{ )(aws [a-z0-9-]+ [^;)]*)", line.strip())


def fault(command):
    """What is wrong with a command; None if it can be sent."""
    _, service, operation, *rest = shlex.split(command)
    options = {word[2:] for word in rest if word.startswith("--")} - GLOBAL
    if (service, operation) in OWN:
        known, needed = OWN[service, operation]
    else:
        try:
            client = boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        except Exception:
            return f"there is no service {service}"
        names = {xform_name(name, "-"): name for name in client.meta.service_model.operation_names}
        if operation not in names:
            return f"{service} has no {operation}"
        shape = client.meta.service_model.operation_model(names[operation]).input_shape
        known = {xform_name(member, "-") for member in shape.members}
        needed = {xform_name(member, "-") for member in shape.required_members}
    if options - known:
        return f"{service} {operation} has no {sorted(options - known)}"
    if needed - options:
        return f"{service} {operation} needs {sorted(needed - options)}"
    return None


COMMANDS = sorted({command for page in PAGES for command in given(page.read_text())})


def test_the_commands_are_found():
    assert len(COMMANDS) > 12, COMMANDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_name_is_set_before_it_is_used(page):
    text = page.read_text()
    said = set(re.findall(r"^ *([A-Z_]+)=", text, re.MULTILINE))
    used = {name for command in given(text) for name in re.findall(r"\$([A-Z_]+)", command)}
    assert used - said == set(), f"{page.name} doesn't say where these come from"


def test_what_a_command_names_of_the_stack_is_in_it():
    resources, outputs = expanded()["Resources"], load()["Outputs"]
    logical = {name for command in COMMANDS for name in re.findall(r"--logical-resource-id (\w+)", command)}
    logical |= {name for command in COMMANDS for name in re.findall(r"--name-prefix cutover-(\w+)", command)}
    assert logical and logical <= set(resources)
    named = {name for c in COMMANDS if "-name cutover " in c for name in re.findall(r"OutputKey=='(\w+)'", c)}
    assert named and named <= set(outputs)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_exists(command):
    assert fault(command) is None


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("aws autoscalin describe-tags", "there is no service autoscalin"),
        ("aws autoscaling resume-process --auto-scaling-group-name web-1", "autoscaling has no resume-process"),
        ("aws autoscaling resume-processes --group-name web-1", "autoscaling resume-processes has no ['group-name']"),
        ("aws autoscaling resume-processes", "autoscaling resume-processes needs ['auto-scaling-group-name']"),
    ],
)
def test_a_wrong_command_is_seen(command, expected):
    assert fault(command) == expected
