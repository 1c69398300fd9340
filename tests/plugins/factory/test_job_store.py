"""Jobs in their file: checked transitions, limits, other processes, restarts, cleaning."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from factory_kit import CODE, SPEC, WRONG, Said, StandIn, answer
from hypothesis import given, settings
from hypothesis import strategies as st

from practicum.clock import WallClock
from practicum.errors import InfrastructureError, UsageError
from practicum.plugins.answers.paths import PathRefusedError
from practicum.plugins.jobs.cancelling import cancel
from practicum.plugins.jobs.cleanup import Keeping, clean
from practicum.plugins.jobs.hold import BusyJobError, Hold, alive
from practicum.plugins.jobs.lifecycle import TRANSITIONS, TransitionError
from practicum.plugins.jobs.recovery import MOST, orphans, recover
from practicum.plugins.jobs.runner import work
from practicum.plugins.jobs.state import OVER, Job, State
from practicum.plugins.jobs.store import JobLimits, JobStore, TooManyJobsError
from practicum.plugins.jobs.workspace import Workspace

WORKER = Path(__file__).with_name("worker_process.py")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[JobStore]:
    with JobStore(tmp_path / ".practicum" / "plugins") as opened:
        yield opened


class LaterClock(WallClock):
    """Now, and as much later as a test says."""

    later = timedelta()

    def now(self):  # type: ignore[no-untyped-def]
        return super().now() + self.later


def test_states_are_those_of_a_job_and_over_is_over() -> None:
    assert set(TRANSITIONS) == set(State.__args__)  # type: ignore[attr-defined]
    assert all(not TRANSITIONS[state] for state in OVER)
    assert {was for was, then in TRANSITIONS.items() if "succeeded" in then} == {"validating"}
    for state in set(TRANSITIONS) - OVER:
        assert {"failed", "cancelled", "timed_out"} <= TRANSITIONS[state]


@given(st.lists(st.sampled_from(sorted(TRANSITIONS)), max_size=12))
@settings(max_examples=20, deadline=None)
def test_whatever_is_tried_a_job_that_is_over_never_changes(
    tmp_path_factory: pytest.TempPathFactory, tries: list[State]
) -> None:
    with JobStore(tmp_path_factory.mktemp("jobs")) as store:
        job = store.create(SPEC)
        ended: Job | None = None
        for state in tries:
            was = store.get(job.id)
            try:
                store.advance(job.id, state, reason=state)
            except TransitionError:
                assert store.get(job.id) == was
            else:
                assert state in TRANSITIONS[was.state]
            store.update(job.id, waits_for=state)
            now = store.get(job.id)
            if ended is not None:
                assert now == ended
            elif now.over:
                assert now.ended is not None
                ended = now


def test_a_job_is_found_again_by_another_store(store: JobStore) -> None:
    job = store.create(SPEC, model="anthropic/x", by="dev-1", fallback=True, timeout_s=5, max_iterations=2)
    store.advance(job.id, "generating", iteration=1)
    with JobStore(store.folder) as other:
        found = other.get(job.id)
    assert (found.state, found.iteration, found.by, found.fallback) == ("generating", 1, "dev-1", True)
    assert found.spec == SPEC
    assert [one.id for one in store.jobs(live=True)] == [job.id]


def test_an_unknown_job_is_answered_with_the_nearest(store: JobStore) -> None:
    job = store.create(SPEC)
    with pytest.raises(UsageError, match=job.id):
        store.get(job.id[:-1])


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").write_text("not a database, but long enough to be looked at as one" * 30)
    with pytest.raises(InfrastructureError, match="cannot be opened"):
        JobStore(tmp_path)


def test_only_so_many_jobs_may_be_asked_for_within_an_hour(tmp_path: Path) -> None:
    clock = LaterClock()
    with JobStore(tmp_path, limits=JobLimits(per_hour=2), clock=clock) as store:
        first = store.create(SPEC)
        store.create(SPEC)
        with pytest.raises(TooManyJobsError, match="the next is taken at") as caught:
            store.create(SPEC)
        assert caught.value.again == first.created + timedelta(hours=1)
        clock.later = timedelta(minutes=61)
        store.create(SPEC)


async def test_a_job_is_held_by_one_only(store: JobStore) -> None:
    job = store.create(SPEC)
    assert not alive(store.jobs_folder, job.id)
    async with Hold(store.jobs_folder, job.id):
        assert alive(store.jobs_folder, job.id)
        with pytest.raises(BusyJobError):
            await work(job, store=store, toolchain=StandIn())
    assert not alive(store.jobs_folder, job.id)


async def test_garbage_on_the_socket_does_not_disturb(store: JobStore) -> None:
    job = store.create(SPEC)
    async with Hold(store.jobs_folder, job.id) as hold:
        path = store.jobs_folder / f"{job.id}.sock"
        folder = os.open(store.jobs_folder, os.O_PATH)
        for noise in (b"", b"cancel nobody without an end", b"\xff\xfe\n", b"x" * 200_000):
            _, writer = await asyncio.open_unix_connection(f"/proc/self/fd/{folder}/{path.name}")
            writer.write(noise)
            writer.close()
            with contextlib.suppress(ConnectionError):  # it hears no more of this, and hangs up
                await writer.wait_closed()
        os.close(folder)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(hold.cancelled(), 0.05)


def start(store: JobStore, job: Job, phase: str) -> subprocess.Popen[str]:
    """A process that works on the job and stops in a phase."""
    process = subprocess.Popen(
        [sys.executable, str(WORKER), str(store.folder), job.id, phase], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == f"{phase}\n"
    return process


async def test_cancel_from_another_process_ends_the_worker(store: JobStore) -> None:
    job = store.create(SPEC)
    with start(store, job, "testing") as process:
        async with asyncio.timeout(30):
            found = await cancel(store, job.id, by="ada")
        assert (found.state, found.reason) == ("cancelled", "cancelled by ada")
        assert json.loads(process.communicate(timeout=30)[0]) == "cancelled"


async def test_cancel_of_a_job_whose_worker_was_killed(store: JobStore) -> None:
    job = store.create(SPEC)
    with start(store, job, "linting") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (await cancel(store, job.id)).state == "cancelled"


async def test_a_job_whose_process_was_killed_is_taken_up_where_it_was(store: JobStore) -> None:
    job = store.create(SPEC, model="anthropic/prepared")
    toolchain = StandIn()
    await _killed_at(store, job, "testing")
    assert store.get(job.id).state == "testing"
    assert [one.id for one in orphans(store)] == [job.id]
    found = recover(store)
    assert [(one.id, one.state, one.iteration, one.resumed) for one in found] == [(job.id, "queued", 1, 1)]
    model = Said(answer(CODE))
    done = await work(found[0], store=store, toolchain=toolchain, model=model)
    assert (done.state, done.iteration) == ("succeeded", 2)
    assert len(model.prompts) == 1, "what it had written was checked, not asked for again"
    assert WRONG in model.prompts[0]
    assert not recover(store)


async def test_a_killed_job_that_is_not_to_be_resumed_fails_with_the_reason(store: JobStore) -> None:
    job = store.create(SPEC, model="anthropic/prepared")
    await _killed_at(store, job, "building")
    assert recover(store, resume=False) == []
    found = store.get(job.id)
    assert (found.state, found.reason) == ("failed", "the process that worked on it died while it was building")


def test_a_job_that_always_kills_its_process_ends(store: JobStore) -> None:
    job = store.create(SPEC)
    for _ in range(MOST):
        store.advance(job.id, "generating")
        assert [one.id for one in recover(store)] == [job.id]
    store.advance(job.id, "generating")
    assert recover(store) == []
    assert store.get(job.id).state == "failed"


def test_a_job_that_was_to_be_cancelled_is_when_it_is_found(store: JobStore) -> None:
    job = store.create(SPEC)
    store.advance(job.id, "generating")
    store.update(job.id, cancelling="ada")
    assert recover(store) == []
    assert store.get(job.id).state == "cancelled"


def test_a_queued_job_of_a_living_process_is_no_orphan_and_of_a_dead_one_is(store: JobStore) -> None:
    job = store.create(SPEC)
    assert orphans(store) == []
    store.update(job.id, pid_started=1)
    assert [one.id for one in orphans(store)] == [job.id]


async def test_the_queue_goes_on_when_a_worker_is_killed(tmp_path: Path) -> None:
    with JobStore(tmp_path, limits=JobLimits(live=1)) as store:
        first, second = store.create(SPEC), store.create(SPEC)
        with start(store, first, "testing") as process:
            waiting = asyncio.create_task(work(second, store=store, toolchain=StandIn()))
            await asyncio.wait([waiting], timeout=0.1)
            assert store.get(second.id).state == "queued"
            process.send_signal(signal.SIGKILL)
            async with asyncio.timeout(30):
                assert (await waiting).state == "succeeded"


def test_old_jobs_are_cleaned_up_and_live_ones_are_not(tmp_path: Path) -> None:
    clock = LaterClock()
    with JobStore(tmp_path, clock=clock) as store:
        failed, live, good = store.create(SPEC), store.create(SPEC), store.create(SPEC)
        store.advance(failed.id, "failed")
        for state in ("generating", "building", "validating", "succeeded"):
            store.advance(good.id, state)
        assert clean(store) == []
        clock.later = timedelta(days=3)
        assert clean(store) == [failed.id]
        assert clean(store) == []
        assert not Path(failed.folder).exists()
        assert Path(live.folder).exists()
        assert Path(good.folder).exists()
        clock.later = timedelta(days=100)
        assert clean(store, Keeping()) == [good.id]
        assert [one.id for one in store.jobs()] == [live.id]
        with pytest.raises(UsageError):
            store.forget(live.id)


def test_what_a_plugin_left_behind_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.py").write_text("kept")
    workspace = Workspace(tmp_path / "job")
    workspace.fill({"src/x.py": "1", "a.py": "1"})
    (workspace.source / ".cache").mkdir()
    (workspace.source / "a.py").unlink()
    (workspace.source / "a.py").symlink_to(outside / "x.py")
    (workspace.source / "src" / "x.py").unlink()
    (workspace.source / "src").rmdir()
    (workspace.source / "src").symlink_to(outside)
    workspace.fill({"src/x.py": "2", "a.py": "2"})
    assert (outside / "x.py").read_text() == "kept"
    assert (workspace.source / "src" / "x.py").read_text() == "2"
    assert not (workspace.source / "a.py").is_symlink()
    assert (workspace.source / ".cache").is_dir()


def test_a_file_that_is_a_folder_too_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "job")
    for path in ("README.md/more.md", "dist/x.whl"):
        with pytest.raises(PathRefusedError):
            workspace.fill({"README.md": "1", path: "2"})
    assert not workspace.source.exists()


async def _killed_at(store: JobStore, job: Job, phase: str) -> None:
    process = await asyncio.to_thread(start, store, job, phase)
    with process:
        process.send_signal(signal.SIGKILL)
        process.wait()
