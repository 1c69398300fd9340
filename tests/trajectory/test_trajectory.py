from __future__ import annotations

import random
from pathlib import Path

import pytest

from practicum.bus.event import make_event
from practicum.bus.events import MessagePosted, WorldChanged
from practicum.errors import InfrastructureError, TamperedError, TrajectoryError
from practicum.ids import new_lease_token
from practicum.trajectory.reader import Trajectory
from practicum.trajectory.verify import Seal, verify
from practicum.trajectory.writer import TrajectoryWriter


def message(text: str) -> bytes:
    return make_event(MessagePosted(text=text, to="all.all"), run="R1", source="dev-1").to_json()


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    writer = TrajectoryWriter(tmp_path / "R1", "R1")
    writer.append([message("one"), message("two" * 3000)])
    writer.append([message("three"), message("two" * 3000), message("five")])
    (tmp_path / "R1" / "seal.json").write_text(
        Seal(run="R1", events=writer.count, head=writer.head.decode()).model_dump_json()
    )
    writer.close()
    return tmp_path / "R1"


def test_what_was_written_is_read_back_with_numbers_and_long_values(recorded: Path) -> None:
    events = Trajectory(recorded).events()
    assert [item.seq for item in events] == [1, 2, 3, 4, 5]
    assert [getattr(item.event.data, "text", "") for item in events] == [
        "one",
        "two" * 3000,
        "three",
        "two" * 3000,
        "five",
    ]


def test_a_long_value_that_comes_twice_is_stored_once(recorded: Path) -> None:
    assert len(list((recorded / "blobs").glob("*/*"))) == 1
    assert verify(recorded, "R1").blobs == 1


def test_lease_tokens_never_reach_the_file(tmp_path: Path) -> None:
    token = new_lease_token()
    writer = TrajectoryWriter(tmp_path / "R2", "R2")
    writer.append([message(f"my token is {token}"), message(token + "x" * 9000)])
    writer.close()
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert token.encode() not in everything
    assert b"[lease]" in everything


def test_a_whole_trajectory_verifies(recorded: Path) -> None:
    result = verify(recorded, "R1")
    assert (result.events, result.torn) == (5, False)
    assert result.seal is not None


def test_any_changed_byte_of_the_trajectory_is_found(recorded: Path) -> None:
    path = recorded / "trajectory.jsonl"
    original = path.read_bytes()
    for position in random.Random(7).sample(range(len(original)), 200):
        changed = bytearray(original)
        changed[position] ^= 0x01
        path.write_bytes(changed)
        with pytest.raises(TamperedError) as caught:
            verify(recorded, "R1")
        line = original[:position].count(b"\n") + 1
        assert caught.value.place in (f"trajectory.jsonl:{line}", f"trajectory.jsonl:{line + 1}")


def test_any_changed_byte_of_a_blob_is_found(recorded: Path) -> None:
    blob = next((recorded / "blobs").glob("*/*"))
    content = bytearray(blob.read_bytes())
    content[100] ^= 0x20
    blob.write_bytes(content)
    with pytest.raises(TamperedError, match=blob.name):
        verify(recorded, "R1")


def test_missing_added_and_moved_lines_and_blobs_are_found(recorded: Path) -> None:
    path = recorded / "trajectory.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for changed in (
        lines[:-1],
        lines[1:],
        lines[:2] + lines[3:],
        [lines[1], lines[0], *lines[2:]],
        [*lines, lines[-1]],
    ):
        path.write_bytes(b"".join(changed))
        with pytest.raises(TamperedError):
            verify(recorded, "R1")
    path.write_bytes(b"".join(lines))
    next((recorded / "blobs").glob("*/*")).unlink()
    with pytest.raises(TamperedError, match="missing"):
        verify(recorded, "R1")


def test_an_added_blob_is_found(recorded: Path) -> None:
    extra = recorded / "blobs" / "aa" / ("aa" + "0" * 62)
    extra.parent.mkdir(exist_ok=True)
    extra.write_bytes(b"not mine")
    with pytest.raises(TamperedError, match="added"):
        verify(recorded, "R1")


def test_a_line_torn_by_a_crash_is_left_out_and_said(recorded: Path) -> None:
    (recorded / "seal.json").unlink()
    path = recorded / "trajectory.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    assert [item.seq for item in Trajectory(recorded)] == [1, 2, 3, 4]
    assert verify(recorded, "R1").torn


def test_a_trajectory_is_never_written_over(recorded: Path) -> None:
    with pytest.raises(InfrastructureError):
        TrajectoryWriter(recorded, "R1")


def test_a_folder_without_a_trajectory_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrajectoryError, match="holds no trajectory"):
        Trajectory(tmp_path)


def test_events_of_every_type_keep_their_class(tmp_path: Path) -> None:
    writer = TrajectoryWriter(tmp_path / "R3", "R3")
    change = WorldChanged(service="github", change="github.push", actor="dev-1", facts={"n": 1}, pack="A" * 10_000)
    writer.append([make_event(change, run="R3", source="world-github").to_json()])
    writer.close()
    assert Trajectory(tmp_path / "R3").events()[0].event.data == change
