"""`sam build` makes what `sam deploy` deploys: the Makefile's binary, for the processor that samconfig.toml names.

What Rust compiles isn't asked here: a stand-in for cargo writes a file where cargo-lambda would, and notes how it was called.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.template import ROOT, load

CARGO = """#!/bin/sh
echo "$@" >> "$CALLS"
mkdir -p target/lambda/bootstrap
echo "the binary" > target/lambda/bootstrap/bootstrap
"""


@pytest.fixture
def clone(tmp_path):
    """What SAM needs of the project, in a folder of its own."""
    for name in ("template.yaml", "Makefile", "samconfig.toml", "infra/release.asl.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/cargo").write_text(CARGO)
    (tmp_path / "bin/cargo").chmod(0o755)
    return tmp_path


def sam_build(clone):
    """How the Makefile called cargo."""
    path = f"{clone / 'bin'}:{os.environ['PATH']}"
    environment = {name: value for name, value in os.environ.items() if name != "ARCHITECTURE"}
    done = subprocess.run(
        [Path(sys.executable).parent / "sam", "build"],
        cwd=clone, env=environment | {"PATH": path, "CALLS": str(clone / "calls")}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return (clone / "calls").read_text()


def test_sam_build_packs_the_binary_of_the_makefile(clone):
    called = sam_build(clone)
    assert called == "lambda build --locked --release --arm64 --bin bootstrap\n"
    built = load(clone / ".aws-sam/build/template.yaml")["Resources"]
    code = clone / ".aws-sam/build" / built["Function"]["Properties"]["CodeUri"]
    assert [file.name for file in code.iterdir()] == ["bootstrap"]
    assert (code / "bootstrap").read_text() == "the binary\n"
    definition = clone / ".aws-sam/build" / built["ReleaseWorkflow"]["Properties"]["DefinitionUri"]
    assert definition.resolve() == (clone / "infra/release.asl.json").resolve()


@pytest.mark.parametrize(
    "saved",
    ['"Architecture=x86_64"', '"Defaults=\\"{}\\" Architecture=\\"x86_64\\" LogLevel=\\"info\\""'],
    ids=["as a person writes it", "as sam deploy --guided saves it"],
)
def test_one_word_changes_the_processor(clone, saved):
    config = clone / "samconfig.toml"
    text = config.read_text()
    assert text.count('"Architecture=arm64"') == 1
    config.write_text(text.replace('"Architecture=arm64"', saved))
    assert "--x86-64" in sam_build(clone)


def test_what_is_built_for_by_default_is_what_the_template_runs_on():
    default = load()["Parameters"]["Architecture"]["Default"]
    assert f'"Architecture={default}"' in (ROOT / "samconfig.toml").read_text()
