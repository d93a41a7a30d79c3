"""What a page tells a reader to type exists: commands of sam, make, cargo and terraform, and the files that links lead to."""

import functools
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from infra.template import ROOT

PAGES = sorted(path for folder in (".", "events", "infra", "src", "tests/scenarios") for path in (ROOT / folder).glob("*.md"))
BIN = Path(sys.executable).parent
# Of the whole of Terraform, before its subcommand.
TERRAFORM = {"-chdir"}


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=120).stdout


def typed(text):
    """Each command of these programs in a code span or a code block, without what sets its environment."""
    for block, span in re.findall(r"```sh\n(.*?)```|`([^`\n]*)`", text.replace("\\\n", " "), re.DOTALL):
        for line in (block or span).splitlines():
            for command in re.split(r"&&|;", line.split(" # ")[0].split("   #")[0]):
                words = [word for word in shlex.split(command) if not re.fullmatch(r"[A-Z_]+=\S*", word)]
                if words and words[0] in ("sam", "make", "cargo", "terraform"):
                    yield " ".join(map(shlex.quote, words))


@functools.cache
def options_of_sam(*subcommand):
    """The options of `sam deploy` and the like; none if there is no such subcommand."""
    return set(re.findall(r"--[a-z0-9-]+|-[a-z]\b", said(BIN / "sam", *subcommand, "--help")))


def fault_of_sam(words):
    subcommand = [word for word in words[: 2 if words[0] in ("local", "remote") else 1]]
    if not (known := options_of_sam(*subcommand)):
        return f"sam has no {' '.join(subcommand)}"
    return next((f"sam {' '.join(subcommand)} has no {word}" for word in words if word.startswith("-") and word not in known), None)


def fault_of_make(words):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return next((f"there is no target {word}" for word in words if "=" not in word and word not in targets), None)


def fault_of_cargo(words):
    tests = {test["name"] for test in tomllib.loads((ROOT / "Cargo.toml").read_text())["test"]}
    named = [words[at + 1] for at, word in enumerate(words) if word == "--test"]
    return next((f"there is no test {name}" for name in named if name not in tests), None)


def fault_of_terraform(words):
    chdir = [word.partition("=")[2] for word in words if word.split("=")[0] in TERRAFORM]
    missing = next((f"there is no folder {folder}" for folder in chdir if not (ROOT / folder).is_dir()), None)
    if missing or not shutil.which("terraform"):
        return missing
    subcommand = next(word for word in words if not word.startswith("-"))
    return None if re.search(rf"^  {subcommand}\b", said("terraform", "-help"), re.MULTILINE) else f"terraform has no {subcommand}"


FAULTS = {"sam": fault_of_sam, "make": fault_of_make, "cargo": fault_of_cargo, "terraform": fault_of_terraform}


def fault(command):
    program, *words = shlex.split(command)
    return FAULTS[program](words)


COMMANDS = sorted({command for page in PAGES for command in typed(page.read_text())})


def test_the_commands_are_found():
    assert {"sam deploy --guided", "make demo", "make test", "make package"} <= set(COMMANDS), COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_exists(command):
    assert fault(command) is None


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("sam deplo --guided", "sam has no deplo"),
        ("sam deploy --guide", "sam deploy has no --guide"),
        ("make packages", "there is no target packages"),
        ("cargo test --test scenario", "there is no test scenario"),
        ("terraform -chdir=infra/terraform/examples/two init", "there is no folder infra/terraform/examples/two"),
    ],
)
def test_a_wrong_command_is_seen(command, expected):
    assert fault(command) == expected


def dead(page, text):
    """The links that lead to no file."""
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    return [link for link in links if "://" not in link and not (page.parent / link).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page):
    assert dead(page, page.read_text()) == []


def test_a_dead_link_is_seen():
    assert dead(ROOT / "README.md", "[a](infra/RUNBOOK.md#gates) [b](infra/RUNBOK.md) [c](https://x/y)") == ["infra/RUNBOK.md"]
