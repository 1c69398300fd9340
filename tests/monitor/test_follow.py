"""Watching a record as another process writes it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from practicum.bus.event import make_event
from practicum.bus.events import (
    Data,
    ExchangeCompleted,
    JobFinished,
    LeaseExpired,
    LeaseGranted,
    LeaseRevoked,
    MessagePosted,
    ModelAnswered,
    Usage,
)
from practicum.clock import WallClock
from practicum.monitor.follow import follow
from practicum.monitor.status import Status
from practicum.trajectory.writer import TrajectoryWriter

WRITER = """
import sys
from pathlib import Path
from practicum.bus.event import make_event
from practicum.bus.events import MessagePosted
from practicum.trajectory.writer import TrajectoryWriter
writer = TrajectoryWriter(Path(sys.argv[1]), "R")
for line in sys.stdin:
    said = [MessagePosted(text=word, to="all.all") for word in line.split()]
    writer.append([make_event(data, run="R", source="dev").to_json() for data in said])
    print("written", flush=True)
writer.close()
"""


def message(text: str) -> bytes:
    return make_event(MessagePosted(text=text, to="all.all"), run="R", source="dev").to_json()


def text_of(item: object) -> str:
    return str(item.event.body.text)  # type: ignore[attr-defined]


def test_events_come_as_another_process_appends_them(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writer = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert writer.stdin is not None
    assert writer.stdout is not None

    def write(words: str) -> None:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write(f"{words}\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == "written\n"

    try:
        over = threading.Event()
        seen = follow(tmp_path, over.is_set)
        write("one two")
        assert [text_of(next(seen)), text_of(next(seen))] == ["one", "two"]
        timer = threading.Timer(0.3, write, ["three"])
        timer.start()
        begun = time.monotonic()
        assert text_of(next(seen)) == "three"
        assert time.monotonic() - begun < 10
        timer.join()
        write("four five")
        over.set()
        assert [(item.seq, text_of(item)) for item in seen] == [(4, "four"), (5, "five")]
    finally:
        writer.stdin.close()
        assert writer.wait(30) == 0
        writer.stdout.close()


def test_a_folder_without_a_record_is_waited_for(tmp_path: Path) -> None:
    answers = iter([False, True])

    def over() -> bool:
        ended = next(answers)
        if ended:
            writer = TrajectoryWriter(tmp_path, "R")
            writer.append([message("late")])
            writer.close()
        return ended

    assert [text_of(item) for item in follow(tmp_path, over)] == ["late"]


def test_a_torn_line_is_waited_for_and_then_read_whole(tmp_path: Path) -> None:
    writer = TrajectoryWriter(tmp_path / "whole", "R")
    writer.append([message("one"), message("two")])
    writer.close()
    whole = (tmp_path / "whole" / "trajectory.jsonl").read_bytes()
    folder = tmp_path / "torn"
    folder.mkdir()
    file = folder / "trajectory.jsonl"
    file.write_bytes(whole[:-20])
    over = threading.Event()
    seen = follow(folder, over.is_set)
    assert text_of(next(seen)) == "one"
    with file.open("ab") as tail:
        tail.write(whole[-20:])
    over.set()
    assert [text_of(item) for item in seen] == ["two"]


def test_a_line_that_stays_torn_ends_the_watch_quietly(tmp_path: Path) -> None:
    writer = TrajectoryWriter(tmp_path, "R")
    writer.append([message("one"), message("two")])
    writer.close()
    file = tmp_path / "trajectory.jsonl"
    file.write_bytes(file.read_bytes()[:-1])
    assert [text_of(item) for item in follow(tmp_path, lambda: True)] == ["one"]


@pytest.mark.parametrize("cost", [0.0, 0.25])
def test_the_status_is_a_fold_of_the_events(cost: float) -> None:
    now = WallClock().now()
    call = {
        "lease": "a",
        "agent": "dev",
        "service": "s",
        "method": "GET",
        "route": "r",
        "path": "/",
        "status": 200,
        "ms": 1,
    }
    happened: list[Data] = [
        *(LeaseGranted(lease=name, agent="dev", service="s", identity="d", scope={}, expires=now) for name in "abc"),
        LeaseRevoked(lease="a", agent="dev", service="s", reason="x"),
        LeaseExpired(lease="b", agent="dev", service="s"),
        LeaseExpired(lease="unknown", agent="dev", service="s"),
        ExchangeCompleted.model_validate({**call, "cost_usd": cost}),
        ExchangeCompleted.model_validate({**call, "refused": "no"}),
        ModelAnswered(turn=1, request=1, text="", calls=(), stop="end", usage=Usage(input_tokens=5, output_tokens=2)),
        MessagePosted(text="x", to="all.all"),
        JobFinished(job="1", kind="check", name="t", ok=True, seconds=1),
        JobFinished(job="2", kind="check", name="t", ok=False, seconds=1),
        JobFinished(job="3", kind="webhook", name="t", ok=True, seconds=1),
    ]
    status = Status()
    for data in happened:
        status.take(make_event(data, run="R", source="x"))
    assert status.summary() == (
        "leases 1 open of 3   calls 2, refused 1   messages 1   checks 1 passed, 1 failed   "
        f"tokens 7   cost ${cost:.2f}"
    )
    assert status.leases == {"c"}
