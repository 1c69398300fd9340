"""What a killed process leaves behind is ended, also what was not yet bound to its life."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time

import host_processes
import pytest

_STARTS = """
import os, subprocess, sys
from practicum.sandbox.guard import marked
for environment in (marked(), marked(), {"LIVES_WITH": "somebody else"}):
    child = subprocess.Popen(["sleep", sys.argv[2]], env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
print(child.pid, marked()["LIVES_WITH"], flush=True)
os.kill(os.getpid(), int(sys.argv[1]))
"""
_ENDS = """
from practicum.sandbox.guard import marked
print(marked()["LIVES_WITH"], flush=True)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_who_is_bound_to_an_ended_process_ends_and_nobody_else(end: signal.Signals) -> None:
    seconds = str(100_000_000 + secrets.randbelow(100_000_000))
    done = subprocess.run(
        [sys.executable, "-c", _STARTS, str(int(end)), seconds],
        stdout=subprocess.PIPE, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == -end
    other, mark = done.stdout.split()
    try:
        deadline = time.monotonic() + 20
        while host_processes.with_word(seconds) != [int(other)]:
            assert time.monotonic() < deadline, "its children live on"
            time.sleep(0.05)
        assert host_processes.wait_until_gone(mark, 20) == [], "the guard lives on"
        assert host_processes.with_word(seconds) == [int(other)]
    finally:
        os.kill(int(other), signal.SIGKILL)


def test_who_ends_in_order_leaves_no_guard() -> None:
    done = subprocess.run([sys.executable, "-c", _ENDS], stdout=subprocess.PIPE, text=True, timeout=30, check=True)
    assert host_processes.wait_until_gone(done.stdout.strip(), 20) == []
