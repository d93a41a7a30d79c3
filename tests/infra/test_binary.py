"""The shipped binary starts on provided.al2023, and dist/ has all that somebody without Rust needs."""

import importlib.util
import json
import platform
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from infra.template import ROOT, expanded, load
from wire.simulated import shipped

HERE = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine())
OTHER = {"x86_64": "arm64", "arm64": "x86_64"}.get(HERE)

pytestmark = pytest.mark.skipif(HERE is None, reason="Lambda has no such processor as this machine's")


@pytest.fixture(scope="module")
def packaging():
    spec = importlib.util.spec_from_file_location("package", ROOT / "infra/package.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def binary():
    return Path(shipped()).read_bytes()


def test_the_binary_needs_no_newer_glibc_than_amazon_linux_2023_has(packaging, binary):
    assert re.search(rb"\0GLIBC_2\.\d+\0", binary), "no version of glibc found: is it linked statically?"
    assert packaging.faults(binary, HERE) == [], "built on a newer system: make package links it for Lambda"


def test_a_binary_that_needs_a_newer_glibc_is_refused(packaging, binary):
    newer = re.sub(rb"\0GLIBC_2\.\d\d\0", b"\0GLIBC_2.39\0", binary, count=1)
    assert newer != binary
    assert packaging.faults(newer, HERE) == ["it needs glibc 2.39, and provided.al2023 has 2.34"]


def test_a_binary_for_another_processor_or_none_at_all_is_refused(packaging, binary):
    assert packaging.faults(binary, OTHER) == [f"it was built for another processor than {OTHER}"]
    assert packaging.faults(b"#!/bin/sh\n", HERE) == ["it is no ELF file"]


def test_a_binary_that_a_panic_aborts_is_refused(packaging, binary):
    # A build that aborts has no table of its own: here, one of another name.
    aborts = binary.replace(b".gcc_except_table\0", b".gcc_accept_table\0")
    assert packaging.landing_pads(binary) > 200_000
    assert packaging.faults(aborts, HERE) == ['it was built with panic="abort": a panic would be no named error']


def release_profile():
    return tomllib.loads((ROOT / "Cargo.toml").read_text())["profile"]["release"]


def test_a_panic_unwinds_also_in_what_cargo_lambda_builds():
    """Where the profile is silent, `cargo lambda build` decides: strip, lto, codegen-units, and panic = "abort"."""
    assert release_profile()["panic"] == "unwind"
    assert {"strip", "lto", "codegen-units"} <= set(release_profile())


# What init can't work with, and what the sentence names: the variable and what is wrong with it.
UNUSABLE = {
    "no table": ({}, ["CUTOVER_TABLE", "missing"]),
    "defaults that are no JSON": ({"CUTOVER_TABLE": "t", "CUTOVER_DEFAULTS": "{"}, ["CUTOVER_DEFAULTS", "JSON object"]),
    "an unknown default": (
        {"CUTOVER_TABLE": "t", "CUTOVER_DEFAULTS": '{"bake_time": 1}'},
        ["CUTOVER_DEFAULTS", "bake_time", 'did you mean \\"bake_time_seconds\\"?'],
    ),
    "a default out of range": (
        {"CUTOVER_TABLE": "t", "CUTOVER_DEFAULTS": '{"healthy_percent": 101}'},
        ["CUTOVER_DEFAULTS", "healthy_percent", "101", "1 to 100"],
    ),
    "a level that isn't one": ({"CUTOVER_TABLE": "t", "CUTOVER_LOG": "loud"}, ["CUTOVER_LOG", "loud"]),
}


@pytest.mark.parametrize(("environment", "named"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_configuration_that_cannot_be_used_ends_the_start_with_a_sentence_that_names_it(environment, named):
    done = subprocess.run([shipped()], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["level"] == "ERROR"
    assert all(part in line for part in ["the function's configuration can't be used", *named]), line


def made(dist, architecture=HERE):
    script = [sys.executable, ROOT / "infra/package.py", shipped(), architecture, dist]
    return subprocess.run(script, capture_output=True, text=True, timeout=60, cwd=ROOT)


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    done = made(folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_dist_has_a_template_and_all_that_it_names(dist):
    template = load(dist / "template.yaml")["Resources"]
    function, workflow = template["Function"], template["ReleaseWorkflow"]["Properties"]
    assert "Metadata" not in function
    with zipfile.ZipFile(dist / function["Properties"]["CodeUri"]) as zipped:
        (entry,) = zipped.infolist()
        assert (entry.filename, entry.external_attr >> 16 & 0o777) == ("bootstrap", 0o755)
        assert zipped.read(entry) == Path(shipped()).read_bytes()
    assert json.loads((dist / workflow["DefinitionUri"]).read_text())["StartAt"]


def test_the_example_of_terraform_deploys_what_is_in_dist(dist):
    example = (ROOT / "infra/terraform/examples/three-versions/main.tf").read_text()
    named = {name.replace("arm64", HERE) for name in re.findall(r'/dist/([\w.-]+)"', example)}
    assert named == {file.name for file in dist.iterdir()}


def comparable(template):
    """The template as AWS gets it, without what differs on purpose: how to build, and the processor."""
    del template["Parameters"]["Architecture"]
    for resource in template["Resources"].values():
        resource.pop("Metadata", None)
    return template


def test_dists_template_is_the_projects(dist):
    assert comparable(expanded(dist / "template.yaml")) == comparable(expanded())


def test_dists_template_takes_no_processor_but_the_binarys(dist):
    parameter = load(dist / "template.yaml")["Parameters"]["Architecture"]
    assert (parameter["Default"], parameter["AllowedValues"]) == (HERE, [HERE])


def test_sam_finds_nothing_in_dists_template(dist):
    sam = Path(sys.executable).parent / "sam"
    done = subprocess.run([sam, "validate", "--lint"], capture_output=True, text=True, timeout=120, cwd=dist)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_same_binary_gives_the_same_dist(dist, tmp_path):
    assert made(tmp_path).returncode == 0
    for file in dist.iterdir():
        if file.is_file():
            assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name


def test_what_lambda_could_not_start_is_not_packaged(tmp_path):
    done = made(tmp_path / "dist", OTHER)
    assert done.returncode == 1
    assert "another processor" in done.stderr
    assert not (tmp_path / "dist").exists()


def test_make_package_builds_with_what_sam_build_builds_with():
    said = subprocess.run(
        ["make", "--dry-run", "package", "ARCHITECTURE=x86_64"], capture_output=True, text=True, timeout=60, cwd=ROOT
    ).stdout
    assert "cargo lambda build --locked --release --x86-64 --bin bootstrap" in said
    assert re.search(r"infra/package\.py \S+/bootstrap x86_64", said)
    said = subprocess.run(["make", "--dry-run", "package"], capture_output=True, text=True, timeout=60, cwd=ROOT).stdout
    assert "--arm64" in said
