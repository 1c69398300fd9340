"""Whatever is killed in mid-run: the exit code and `runs` say so, the record is whole, and nothing goes on running."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from practicum_command import MINI, Practicum, Run
from processes import family, left_of, wait_until

from practicum.trajectory.verify import verify

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow]

GONE_S = 5.0
"""No process outlives its run by more than this."""


@dataclass
class Busy:
    """A run in the middle of its work."""

    process: subprocess.Popen[str]
    run: Run
    family: dict[int, str]
    terminal: int = -1

    def pid_of(self, name: str) -> int:
        return self.run.pids()[name]


@contextmanager
def busy_run(practicum: Practicum, *, terminal: bool = False) -> Iterator[Busy]:
    """Start the busy team and go on when all three agents are in the middle of something."""
    options: dict[str, object] = {}
    ours = -1
    if terminal:
        ours, theirs = pty.openpty()
        options = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "start_new_session": True}
    with practicum.start("run", str(MINI), "--team", "busy", **options) as process:
        if terminal:
            os.close(theirs)
        try:
            wait_until(lambda: practicum.folders(), 20, "a run's folder")
            run = Run(practicum.folders()[-1])
            wait_until(lambda: (run.path / "trajectory.jsonl").is_file(), 20, "the first event")
            wait_until(lambda: all_at_work(run), 30, "everybody at work")
            yield Busy(process, run, family(process.pid), ours)
        finally:
            process.kill()
            if terminal:
                with contextlib.suppress(OSError):  # the test may have closed it
                    os.close(ours)


def all_at_work(run: Run) -> bool:
    called = [(item.event.source, item.event.body.tool) for item in run.events() if item.event.type == "tool.called"]
    return called.count(("lead", "comment")) > 5 and ("dev", "run_command") in called and bool(run.of("timer.set"))


def assert_gone(busy: Busy) -> None:
    assert len(busy.family) >= 7, "launcher, proctor, world, nats-server and three agents were running"
    deadline = time.monotonic() + GONE_S
    while (left := left_of(busy.family, busy.run.id)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def assert_recorded(practicum: Practicum, busy: Busy, outcome: str, *, sealed: bool = True) -> None:
    """`runs` and `verify` agree that this run ended so, and its events can be read."""
    assert [run["outcome"] for run in practicum.runs()] == [outcome]
    checked = practicum("verify", "last")
    assert checked.returncode == 0, checked.stdout
    verified = verify(busy.run.path, busy.run.id)
    assert verified.events > 50
    assert (verified.seal is not None) == sealed
    if sealed:
        assert not verified.torn
    shown = practicum("show", "last")
    assert shown.returncode == 0
    assert "opened issue #1" in shown.stdout


@pytest.mark.parametrize("victim", ["proctor", "world", "nats-server", "dev"])
def test_a_killed_process_of_the_run_is_an_infrastructure_failure(practicum: Practicum, victim: str) -> None:
    with busy_run(practicum) as busy:
        os.kill(busy.pid_of(victim), signal.SIGKILL)
        start = time.monotonic()
        stdout, stderr = busy.process.communicate(timeout=30)
        assert time.monotonic() - start < 20, "the team itself would have gone on for 40 s"
        assert busy.process.returncode == 3, stdout + stderr
        assert_gone(busy)
    assert "INFRASTRUCTURE" in stdout, stdout + stderr
    assert f"{victim} died" in stdout
    assert "Traceback" not in stdout + stderr
    assert_recorded(practicum, busy, "infrastructure")
    assert victim in [body.name for body in busy.run.of("process.died")]
    assert (busy.run.path / "report.html").is_file()


@pytest.mark.parametrize(
    ("number", "why"),
    [(signal.SIGINT, "interrupted by Ctrl-C"), (signal.SIGTERM, "terminated"), (signal.SIGHUP, "the terminal closed")],
)
def test_a_signal_ends_the_run_in_order(practicum: Practicum, number: signal.Signals, why: str) -> None:
    with busy_run(practicum) as busy:
        busy.process.send_signal(number)
        stdout, stderr = busy.process.communicate(timeout=30)
        assert busy.process.returncode == 3, stdout + stderr
        assert_gone(busy)
    assert "CANCELLED" in stdout, stdout + stderr
    assert why in stdout
    assert "Traceback" not in stdout + stderr
    assert_recorded(practicum, busy, "cancelled")
    assert [body.reason for body in busy.run.of("run.interrupted")] == [why]


def test_ctrl_c_on_a_terminal_reaches_everybody_and_still_ends_in_order(practicum: Practicum) -> None:
    with busy_run(practicum) as busy:
        # A terminal sends SIGINT to its whole foreground group; those in sessions of their own do not get it.
        group = os.getpgid(busy.process.pid)
        for pid in busy.family:
            if pid != busy.process.pid and os.getpgid(pid) == group:
                os.kill(pid, signal.SIGINT)
        busy.process.send_signal(signal.SIGINT)
        stdout, stderr = busy.process.communicate(timeout=30)
        assert busy.process.returncode == 3, stdout + stderr
        assert_gone(busy)
    assert_recorded(practicum, busy, "cancelled")


def test_a_closed_terminal_ends_the_run_and_the_record_says_so(practicum: Practicum) -> None:
    with busy_run(practicum, terminal=True) as busy:
        os.close(busy.terminal)  # the window is gone: nobody reads, and every write fails
        busy.process.send_signal(signal.SIGHUP)  # what the kernel sends to the session's leader
        assert busy.process.wait(timeout=30) == 3
        assert_gone(busy)
    assert_recorded(practicum, busy, "cancelled")
    assert [body.reason for body in busy.run.of("run.interrupted")] == ["the terminal closed"]


def test_output_that_nobody_reads_any_more_does_not_break_the_run(practicum: Practicum) -> None:
    with practicum.start("run", str(MINI)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()  # as `| head -1` does
        assert process.wait(timeout=40) == 0
    assert practicum.runs()[-1]["outcome"] == "passed"


def test_a_killed_launcher_takes_everything_with_it(practicum: Practicum) -> None:
    with busy_run(practicum) as busy:
        busy.process.kill()
        assert busy.process.wait(timeout=20) == -signal.SIGKILL
        assert_gone(busy)
    assert_recorded(practicum, busy, "interrupted", sealed=False)
    listed = practicum("runs").stdout
    assert "its launcher ended without a word" in listed


def test_a_kill_while_everything_starts_leaves_nothing_either(practicum: Practicum) -> None:
    with practicum.start("run", str(MINI), "--team", "busy") as process:
        wait_until(lambda: len(family(process.pid)) >= 4, 20, "the first processes")
        before = family(process.pid)
        process.kill()
        process.wait(timeout=20)
        run = practicum.folders()[-1].name
        wait_until(lambda: not left_of(before, run), GONE_S, "the end of every process")
