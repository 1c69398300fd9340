"""Workflows that really run: real git, real sandbox."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from practicum.bus.events import JobStarted

pytestmark = pytest.mark.sandbox

CI = Any  # of conftest.py, which importlib mode does not let us import
Sink = Any

CHECKOUT = "      - uses: actions/checkout@v4\n"


def job(steps: str, *, more: str = "", name: str = "test") -> str:
    return f"  {name}:\n    runs-on: ubuntu-latest\n{more}    steps:\n{steps}"


def flow(*jobs: str, on: str = "push") -> str:
    return f"name: CI\non: {on}\njobs:\n" + "".join(jobs)


TESTS = {
    "shortlink/__init__.py": "def double(n: int) -> int:\n    return 2 * n\n",
    "tests/__init__.py": "",
    "tests/test_double.py": (
        "import unittest\nfrom shortlink import double\n\n"
        "class Doubling(unittest.TestCase):\n    def test_two(self) -> None:\n        self.assertEqual(double(2), 4)\n"
    ),
}


async def test_a_unittest_suite_passes_on_the_checked_out_commit(ci: CI) -> None:
    text = flow(
        job(CHECKOUT + "      - run: python -m unittest -v\n      - run: test $(git rev-parse HEAD) = $GITHUB_SHA\n")
    )
    done = await ci.run(text, TESTS)
    assert done["test"].conclusion == "success", done["test"].log
    assert "Ran 1 test" in done["test"].log


async def test_a_failing_step_fails_the_job_and_the_rest_is_skipped(ci: CI) -> None:
    text = flow(
        job("      - run: |\n          echo before; false\n          echo after\n      - run: echo never-run\n")
    )
    done = await ci.run(text)
    assert done["test"].conclusion == "failure"
    assert "exit code 1" in done["test"].title
    assert "before" in done["test"].log
    assert "\nafter" not in done["test"].log
    assert "(skipped)" in done["test"].log


async def test_a_job_is_announced_before_trigger_returns_and_finished_with_its_log(ci: CI) -> None:
    done = await ci.run(flow(job("      - run: echo hello from ci\n")))
    finished = (await ci.job_events(1))[0]
    started = next(event for event in ci.events if isinstance(event, JobStarted))
    assert started.job == finished.job
    assert (started.kind, started.name) == ("check", "CI / test")
    assert finished.ok
    assert finished.facts["conclusion"] == "success"
    assert "hello from ci" in finished.log
    assert done["test"].conclusion == "success"


async def test_without_checkout_the_workspace_is_empty(ci: CI) -> None:
    done = await ci.run(flow(job('      - run: test -z "$(ls -A)"\n')))
    assert done["test"].conclusion == "success", done["test"].log


async def test_a_step_that_takes_too_long_fails_and_a_job_that_does_times_out(ci: CI) -> None:
    text = flow(
        job("      - run: sleep 30\n        timeout-minutes: 0.01\n", name="step"),
        job("      - run: sleep 30\n", more="    timeout-minutes: 0.01\n", name="job"),
    )
    done = await ci.run(text)
    assert done["step"].conclusion == "failure"
    assert "took longer than 0.6 s" in done["step"].title
    assert done["job"].conclusion == "timed_out"


async def test_needs_order_outputs_and_skipping(ci: CI) -> None:
    text = flow(
        job(
            "      - run: echo ${{ needs.build.outputs.version }}-${{ needs.build.result }}\n",
            more="    needs: build\n",
        ),
        job(
            '      - id: v\n        run: echo "version=v1.2" >> "$GITHUB_OUTPUT"\n',
            more="    outputs:\n      version: ${{ steps.v.outputs.version }}\n",
            name="build",
        ),
        job("      - run: 'false'\n", name="broken"),
        job("      - run: echo no\n", more="    needs: [broken, test]\n", name="after"),
        job("      - run: echo cleanup\n", more="    needs: broken\n    if: always()\n", name="cleanup"),
        job("      - run: echo rescue\n", more="    needs: broken\n    if: failure()\n", name="rescue"),
        job("      - run: echo no\n", more="    if: github.ref == 'refs/heads/release'\n", name="elsewhere"),
    )
    done = await ci.run(text)
    assert "v1.2-success" in done["test"].log
    conclusions = {name: check.conclusion for name, check in done.items()}
    assert conclusions == {
        "test": "success",
        "build": "success",
        "broken": "failure",
        "after": "skipped",
        "cleanup": "success",
        "rescue": "success",
        "elsewhere": "skipped",
    }
    assert "needs broken" in done["after"].title


async def test_a_matrix_makes_a_check_of_each_combination(ci: CI) -> None:
    text = flow(
        job(
            "      - run: test ${{ matrix.n }} -lt 3\n",
            more="    strategy:\n      fail-fast: false\n      matrix:\n        n: [1, 2, 3]\n",
        )
    )
    done = await ci.run(text)
    assert {name: check.conclusion for name, check in done.items()} == {
        "test (1)": "success",
        "test (2)": "success",
        "test (3)": "failure",
    }


async def test_fail_fast_cancels_the_other_combinations(ci: CI) -> None:
    text = flow(
        job(
            "      - run: ${{ matrix.command }}\n",
            more="    strategy:\n      matrix:\n        command: ['sleep 200', 'false', 'sleep 210']\n",
        )
    )
    done = await asyncio.wait_for(ci.run(text), 50)
    assert done["test (false)"].conclusion == "failure"
    assert {done["test (sleep 200)"].conclusion, done["test (sleep 210)"].conclusion} == {"cancelled"}


async def test_what_is_not_supported_fails_the_job_and_is_named(ci: CI) -> None:
    done = await ci.run(flow(job(CHECKOUT + "      - uses: docker/login-action@v3\n")))
    assert done["test"].conclusion == "failure"
    assert ".github/workflows/ci.yml:8: uses: docker/login-action@v3 is not supported" in done["test"].summary


async def test_an_invalid_file_is_a_failed_check_with_file_line_and_message(ci: CI) -> None:
    done = await ci.run("name: CI\non: push\njobs:\n  test:\n    runs-on: x\n    services: {}\n    steps: []\n")
    check = done["workflow file"]
    assert check.conclusion == "failure"
    assert ".github/workflows/ci.yml:6: jobs.test.services: is not supported" in check.log
    assert not (await ci.job_events(1))[0].ok


async def test_env_files_environment_and_contexts(ci: CI) -> None:
    steps = """\
      - run: |
          echo "LEVEL=3" >> "$GITHUB_ENV"
          echo "TEXT<<END" >> "$GITHUB_ENV"
          printf 'two\\nlines\\nEND\\n' >> "$GITHUB_ENV"
          mkdir -p "$RUNNER_TEMP/bin" && printf '#!/bin/sh\\necho own-tool\\n' > "$RUNNER_TEMP/bin/own-tool"
          chmod +x "$RUNNER_TEMP/bin/own-tool" && echo "$RUNNER_TEMP/bin" >> "$GITHUB_PATH"
          echo "# Summary of the job" >> "$GITHUB_STEP_SUMMARY"
      - run: |
          test "$LEVEL" = 3 && test "$TOP-$JOB-$STEP" = a-b-c && test "${{ env.JOB }}" = b
          echo "$TEXT" && own-tool
        env: {STEP: c}
      - run: print("python says", 6 * 7)
        shell: python
      - run: |
          test "$GITHUB_REPOSITORY" = acme/shortlink && test "$GITHUB_REF_NAME" = main && test "$GITHUB_ACTOR" = dev-1
          test "$CI" = true && python3 -c 'import json, os; json.load(open(os.environ["GITHUB_EVENT_PATH"]))["head"]'
      - run: test "$(basename "$PWD")" = inner
        working-directory: inner
        if: ${{ !cancelled() && hello }}
"""
    steps = steps.replace("        if: ${{ !cancelled() && hello }}\n", "").replace(
        '      - run: test "$(b', '      - run: mkdir inner\n      - run: test "$(b'
    )
    text = "env: {TOP: a}\n" + flow(job(steps, more="    env: {JOB: b}\n"))
    done = await ci.run(text, head="of-the-event")
    assert done["test"].conclusion == "success", done["test"].log
    for words in ("two\nlines", "own-tool", "python says 42"):
        assert words in done["test"].log
    assert "# Summary of the job" in done["test"].summary


async def test_continue_on_error_and_status_functions_of_steps(ci: CI) -> None:
    steps = """\
      - id: shaky
        run: exit 3
        continue-on-error: true
      - run: test "${{ steps.shaky.outcome }}-${{ steps.shaky.conclusion }}" = failure-success
      - run: 'false'
      - run: echo on-failure-ran
        if: failure()
      - run: echo always-ran
        if: always()
"""
    done = await ci.run(flow(job(steps)))
    assert done["test"].conclusion == "failure"
    assert "on-failure-ran" in done["test"].log
    assert "always-ran" in done["test"].log


async def test_artifacts_setup_python_and_cache(ci: CI) -> None:
    steps = """\
      - uses: actions/setup-python@v5
        with: {python-version: '3.13'}
      - uses: actions/cache@v4
        with: {path: ~/.cache, key: "${{ runner.os }}"}
      - run: mkdir out && echo one > out/1.txt && echo '<testsuite/>' > junit.xml && ln -s /etc/passwd out/2.txt
      - uses: actions/upload-artifact@v4
        with: {name: results, path: out}
"""
    done = await ci.run(flow(job(steps)))
    check = done["test"]
    assert check.conclusion == "success", check.log
    assert check.artifacts == {"results/out/1.txt": b"one\n", "results/junit.xml": b"<testsuite/>\n"}
    assert "asked for Python 3.13; the sandbox's own Python" in check.log
    assert "no cache" in check.log


async def test_no_secret_no_network_and_no_host_file_is_there(ci: CI, tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("outside")
    steps = f"""\
      - run: test -z "${{{{ secrets.DEPLOY_KEY }}}}" && ! cat {secret}
      - shell: python
        run: |
          import socket
          try:
              socket.create_connection(("127.0.0.1", {_listening()}), 2)
          except OSError:
              print("no network")
          else:
              raise SystemExit("reached the host")
"""
    done = await ci.run(flow(job(steps)))
    assert done["test"].conclusion == "success", done["test"].log
    assert "no network" in done["test"].log
    assert "secrets.DEPLOY_KEY: empty" in done["test"].log


def _listening() -> int:
    import socket

    global _server
    _server = socket.create_server(("127.0.0.1", 0))
    port: int = _server.getsockname()[1]
    return port


_server: Any = None


@pytest.fixture(autouse=True)
def _close_server() -> Any:
    yield
    if _server is not None:
        _server.close()


async def test_command_files_cannot_lead_the_runner_to_host_files(ci: CI) -> None:
    steps = """\
      - run: ln -sf /etc/passwd "$GITHUB_STEP_SUMMARY"
      - run: echo not reached
"""
    done = await ci.run(flow(job(steps)))
    assert done["test"].conclusion == "failure"
    assert "root:" not in done["test"].summary + done["test"].log


async def test_a_second_checkout_does_not_obey_what_a_step_left_behind(ci: CI, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    steps = (
        CHECKOUT
        + f"""\
      - run: |
          git config core.fsmonitor 'touch {mark}; true'
          git config core.hooksPath hooks
          mkdir hooks && printf '#!/bin/sh\\ntouch {mark}\\n' > hooks/post-checkout && chmod +x hooks/post-checkout
"""
    )
    done = await ci.run(flow(job(steps + CHECKOUT + "      - run: test ! -e hooks && test -f app.py\n")))
    assert done["test"].conclusion == "success", done["test"].log
    assert not mark.exists()


async def test_a_long_log_is_cut_in_the_middle(ci: CI) -> None:
    done = await ci.run(flow(job("      - run: echo first; seq 1 60000; echo last\n")))
    log = done["test"].log
    assert len(log) < 70_000
    assert "first" in log
    assert "last" in log
    assert "characters left out" in log


async def test_paths_filters_look_at_what_the_push_changed(ci: CI) -> None:
    text = flow(job("      - run: 'true'\n"), on="{push: {paths: ['docs/**']}}")
    before = ci.commit({".github/workflows/ci.yml": text})
    sha = ci.commit({"src/a.py": "x"})
    assert await ci.actions.trigger(ci.trigger(sha, before=before, after=sha), None) == 0
    done = await ci.run(text, {"docs/a.md": "x"}, before=sha)
    assert done["test"].conclusion == "success"


async def test_a_dispatch_runs_the_workflow_that_it_names_with_its_inputs(ci: CI, make_sink: Any) -> None:
    text = flow(job("      - run: echo level-${{ inputs.level }}\n"), on="workflow_dispatch")
    sha = ci.commit({".github/workflows/ci.yml": text, ".github/workflows/other.yml": text})
    sink = make_sink()
    trigger = ci.trigger(sha, "workflow_dispatch", workflow=".github/workflows/ci.yml", inputs={"level": "3"})
    assert await ci.actions.trigger(trigger, sink) == 1
    assert "level-3" in (await sink.all_done())["test"].log


async def test_close_ends_what_is_running(ci: CI) -> None:
    sha = ci.commit({".github/workflows/ci.yml": flow(job("      - run: sleep 987\n"))})

    class Silent:
        async def check_started(self, *_: object) -> int:
            return 1

    assert await ci.actions.trigger(ci.trigger(sha), Silent()) == 1
    for _ in range(600):
        if any("sleep 987" in line for line in _command_lines()):
            break
        await asyncio.sleep(0.05)
    else:
        pytest.fail("the step did not start")
    await asyncio.wait_for(ci.actions.close(), 20)
    assert not any("sleep 987" in line for line in _command_lines())


def _command_lines() -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
    return found
