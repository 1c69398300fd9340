"""What was recorded stays what it was: changes are found, and the scripts do the same again with everything down."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from practicum_command import COMMAND, MINI, Practicum, Run, copy_scenario
from processes import wait_until

from practicum.errors import TamperedError
from practicum.trajectory.verify import verify

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow]

POSITIONS = 60


@pytest.fixture(scope="module")
def record(oracle_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A copy of a recorded run, for changing."""
    target = tmp_path_factory.mktemp("copy") / "home" / "runs" / oracle_run.id
    shutil.copytree(oracle_run.path, target, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
    return Run(target)


@contextmanager
def changed_byte(path: Path, position: int) -> Iterator[None]:
    before = path.read_bytes()
    path.write_bytes(before[:position] + bytes([before[position] ^ 1]) + before[position + 1 :])
    try:
        yield
    finally:
        path.write_bytes(before)


def command_of(record: Run) -> Practicum:
    return Practicum(record.path.parents[1], record.path.parents[2])


def test_an_untouched_record_is_whole_and_sealed(record: Run) -> None:
    done = command_of(record)("verify", "last")
    assert done.returncode == 0, done.stdout
    assert "WHOLE" in done.stdout
    assert "sealed by key" in done.stdout


def test_every_changed_byte_is_found_and_its_place_named(record: Run) -> None:
    trajectory = record.path / "trajectory.jsonl"
    size = trajectory.stat().st_size
    blobs = [path for path in sorted((record.path / "blobs").rglob("*")) if path.is_file()]
    assert blobs, "the oracle writes a file that is large enough for a blob"
    places = [(trajectory, index * (size - 1) // POSITIONS) for index in range(POSITIONS)] + [(trajectory, size - 1)]
    places += [(blob, position) for blob in blobs for position in (0, blob.stat().st_size - 1)]
    for path, position in places:
        with changed_byte(path, position), pytest.raises(TamperedError) as caught:
            verify(record.path, record.id)
        place = caught.value.place
        if path == trajectory:
            line = trajectory.read_bytes()[:position].count(b"\n") + 1
            assert place.startswith("trajectory.jsonl:")
            assert int(place.partition(":")[2]) in (line, line + 1), f"byte {position}"
        else:
            assert place == f"blobs/{path.parent.name}/{path.name}"


def test_the_command_names_the_changed_line_and_exits_1(record: Run) -> None:
    with changed_byte(record.path / "trajectory.jsonl", 20_000):
        line = (record.path / "trajectory.jsonl").read_bytes()[:20_000].count(b"\n") + 1
        done = command_of(record)("verify", "last")
    assert done.returncode == 1
    assert "CHANGED" in done.stdout
    assert f"trajectory.jsonl:{line}" in done.stdout


def test_a_removed_a_swapped_and_an_added_line_are_found(record: Run) -> None:
    trajectory = record.path / "trajectory.jsonl"
    before = trajectory.read_bytes()
    lines = before.splitlines(keepends=True)
    try:
        for changed, place in (
            (lines[:10] + lines[11:], "trajectory.jsonl:11"),
            ([*lines[:10], lines[11], lines[10], *lines[12:]], "trajectory.jsonl:11"),
            ([*lines, lines[-1]], f"trajectory.jsonl:{len(lines) + 1}"),
            (lines[:-1], f"trajectory.jsonl:{len(lines)}"),
        ):
            trajectory.write_bytes(b"".join(changed))
            with pytest.raises(TamperedError) as caught:
                verify(record.path, record.id)
            assert caught.value.place == place
    finally:
        trajectory.write_bytes(before)


def test_a_chain_made_anew_breaks_the_seal(record: Run) -> None:
    seal = record.path / "seal.json"
    before = seal.read_bytes()
    head = record.verdict()["head"].encode()
    try:
        seal.write_bytes(before.replace(head, head[::-1]))
        done = command_of(record)("verify", "last")
        assert done.returncode == 1
        assert "seal" in done.stdout
    finally:
        seal.write_bytes(before)


@pytest.mark.parametrize("team", ["oracle", "idle", "narrator", "messy"])
def test_a_fresh_recording_replays_equal_with_everything_down(practicum: Practicum, team: str) -> None:
    done = practicum("run", str(MINI), "--team", team, "--quiet")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    replayed = practicum("replay", "last")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "EQUAL" in replayed.stdout
    assert "0 outside calls" in replayed.stdout


def test_a_replay_needs_no_network_at_all(record: Run) -> None:
    """Not even the machine's own: in a network namespace without an interface that is up."""
    practicum = command_of(record)
    apart = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    done = subprocess.run(
        [*apart, COMMAND, "replay", "last"], cwd=practicum.cwd, env=practicum.environment, capture_output=True,
        text=True, timeout=55, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "EQUAL" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_recording_replays_equal_as_far_as_it_goes(practicum: Practicum, number: signal.Signals) -> None:
    with practicum.start("run", str(MINI), "--team", "busy", "--quiet") as process:
        wait_until(
            lambda: practicum.folders() and (practicum.folders()[-1] / "trajectory.jsonl").is_file(), 20, "begin"
        )
        run = Run(practicum.folders()[-1])
        wait_until(lambda: len(run.of("tool.returned")) > 20, 30, "some work")
        process.send_signal(number)
        process.communicate(timeout=30)
    replayed = practicum("replay", "last")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "EQUAL" in replayed.stdout


@pytest.mark.parametrize(
    ("agent", "old", "new", "what"),
    [
        ("lead", 'title="Serve the time"', 'title="Serve tea"', "open_issue"),
        ("dev", 'message="Serve the time"', 'message="Serve the time, closes #1"', "git_commit"),
        ("ops", 'version="v1"', 'version="v2"', "deploy"),
    ],
)
def test_a_changed_script_diverges_at_its_role_and_turn(
    oracle_scenario: tuple[Practicum, Path], agent: str, old: str, new: str, what: str
) -> None:
    command, scenario = oracle_scenario
    script = scenario / "teams" / "oracle.py"
    before = script.read_text()
    called = next(
        item for item in command.last().events() if item.event.type == "tool.called" and item.event.body.tool == what
    )
    try:
        script.write_text(before.replace(old, new, 1))
        done = command("replay", "last")
    finally:
        script.write_text(before)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"DIVERGED at turn {called.event.body.turn} of {agent}" in done.stdout
    assert f"tool {what}" in done.stdout
    changed = [line for line in done.stdout.splitlines() if line[:1] in "+-"]
    assert [line[0] for line in changed] == ["-", "+"]
    assert done.stdout.count("DIVERGED") == 1


def test_a_changed_comment_stays_equal(oracle_scenario: tuple[Practicum, Path]) -> None:
    command, scenario = oracle_scenario
    script = scenario / "teams" / "oracle.py"
    before = script.read_text()
    try:
        script.write_text("# a remark\n" + before)
        done = command("replay", "last")
    finally:
        script.write_text(before)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def oracle_scenario(tmp_path_factory: pytest.TempPathFactory) -> tuple[Practicum, Path]:
    """A run of a copy of the scenario, whose scripts may be changed afterwards."""
    folder = tmp_path_factory.mktemp("changed")
    scenario = copy_scenario(folder / "mini")
    command = Practicum(folder / "home", folder)
    done = command("run", str(scenario), "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    return command, scenario
