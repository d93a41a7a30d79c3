"""tests/run counts what ran, and no failure is counted as a success."""

import importlib.machinery
import importlib.util
import sys

import pytest

from infra.template import ROOT


@pytest.fixture(scope="module")
def runner():
    loader = importlib.machinery.SourceFileLoader("tests_run", str(ROOT / "tests/run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("tests_run", loader))
    sys.dont_write_bytecode = True
    sys.modules["tests_run"] = module
    loader.exec_module(module)
    return module


def counted(runner, pattern, output, status=0):
    step = runner.Step("sample", f"printf '%b' '{output}'; exit {status}", pattern)
    (result,) = runner.run([step])
    return result.ok, result.passed, result.failed


def test_rust_tests_of_several_binaries_are_summed(runner):
    output = (
        "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\\n"
        "test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\\n"
    )
    assert counted(runner, runner.LIBTEST, output) == (True, 7, 0)


def test_what_is_only_told_fails_nothing(runner):
    (result,) = runner.run([runner.Step("sample", "exit 1", only_told=True)])
    assert result.ok


def test_a_failed_rust_test_fails_the_step(runner):
    output = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\\n"
    assert counted(runner, runner.LIBTEST, output, 101) == (False, 3, 2)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("===== 3 passed in 0.1s =====", (True, 3, 0)),
        ("===== 3 passed, 1 skipped in 0.1s =====", (True, 3, 0)),
        ("===== 2 failed, 3 passed in 0.1s =====", (False, 3, 2)),
        ("===== 2 failed in 0.1s =====", (False, 0, 2)),
        ("===== 3 passed, 1 error in 0.1s =====", (False, 3, 1)),
        ("===== test session starts =====", (False, 0, 1)),
    ],
)
def test_python_tests_are_counted(runner, line, expected):
    assert counted(runner, runner.PYTEST, line + "\\n", 0 if expected[0] else 1) == expected


def test_a_step_that_does_not_compile_is_one_failure(runner):
    assert counted(runner, runner.LIBTEST, "error: could not compile\\n", 101) == (False, 0, 1)


def test_a_step_in_which_no_test_ran_has_failed(runner):
    assert counted(runner, runner.LIBTEST, "nothing\\n") == (False, 0, 1)


def test_a_failed_check_is_one_failure_and_a_passed_one_counts_nothing(runner):
    assert counted(runner, None, "3 passed\\n", 1) == (False, 0, 1)
    assert counted(runner, None, "3 passed\\n") == (True, 0, 0)


def test_a_step_beside_the_others_is_begun_first_and_shown_in_its_turn(runner, tmp_path, capsys):
    met = tmp_path / "met"
    steps = [
        runner.Step("first", f"timeout 20 sh -c 'until [ -e {met} ]; do sleep 0.01; done' && echo first ends"),
        runner.Step("second", f"touch {met}; echo second ends", beside=True),
    ]
    assert [result.ok for result in runner.run(steps)] == [True, True]
    printed = capsys.readouterr().out
    assert printed.index("first ends") < printed.index("second ends")


def test_an_interrupted_run_leaves_nothing_running(runner):
    results = runner.run([runner.Step("quick", "true"), runner.Step("endless", "while :; do :; done", beside=True)])
    next(results)
    running = results.gi_frame.f_locals["begun"]["endless"]
    results.close()
    assert running.process.wait(timeout=10) < 0


def test_the_last_line_is_the_sum_and_a_failure_says_what_to_run(runner, capsys):
    results = [
        runner.Result(runner.Step("rust", "cargo test", runner.LIBTEST), True, 7, 0, 1.0),
        runner.Result(runner.Step("lints", "cargo clippy"), False, 0, 1, 1.0),
    ]
    assert runner.summary(results, 2.0) is False
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == "7 passed, 1 failed"
    assert "  lints failed; alone: cargo clippy" in printed


def test_everything_that_pip_installs_is_pinned_and_no_registry_is_named():
    for line in (ROOT / "tests/requirements.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            assert name and version and "://" not in line and not line.startswith("-"), line
