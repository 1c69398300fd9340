"""A repository, a runner with the real sandbox, and a sink that remembers what it was told."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from practicum.api.sandbox import SandboxProvider
from practicum.bus.events import Data, JobFinished, JobStarted, Json
from practicum.clock import WallClock
from practicum.sandbox.detect import pick
from practicum.world.actions import Actions
from practicum.world.service import Credentials, WorkflowTrigger, WorldContext


@dataclass
class Finished:
    """What the runner said of a check that ended."""

    name: str
    conclusion: str
    title: str
    summary: str
    log: str
    artifacts: Mapping[str, bytes]


class Sink:
    """Remembers checks; `all_done` waits for every one that was started."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.finished: dict[str, Finished] = {}
        self._changed = asyncio.Condition()

    async def check_started(self, trigger: WorkflowTrigger, workflow: str, job: str) -> int:
        self.started.append(job)
        return len(self.started)

    async def check_completed(
        self, check: int, *, conclusion: str, title: str, summary: str, log: str, artifacts: Mapping[str, bytes]
    ) -> None:
        name = self.started[check - 1]
        async with self._changed:
            self.finished[name] = Finished(name, conclusion, title, summary, log, artifacts)
            self._changed.notify_all()

    async def all_done(self) -> dict[str, Finished]:
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.finished) == len(self.started))
        return self.finished


@dataclass
class CI:
    """One repository with its runner."""

    actions: Actions
    repository: Path
    work: Path
    context: WorldContext
    events: list[Data] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def commit(self, files: Mapping[str, str], message: str = "change") -> str:
        for name, text in files.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git(self.work, "add", "--all")
        git(self.work, "commit", "--quiet", "--message", message)
        git(self.work, "push", "--quiet", "origin", "main")
        return git(self.work, "rev-parse", "HEAD")

    def trigger(self, sha: str, event: str = "push", ref: str = "refs/heads/main", **payload: Json) -> WorkflowTrigger:
        return WorkflowTrigger(event, "acme/shortlink", self.repository, sha, ref, "dev-1", payload, "cause-1")

    async def run(self, workflow: str, files: Mapping[str, str] | None = None, **payload: Json) -> dict[str, Finished]:
        """Push a workflow and wait for all of its checks."""
        sha = self.commit({".github/workflows/ci.yml": workflow, **(files or {})})
        sink = Sink()
        started = await self.actions.trigger(self.trigger(sha, **payload), sink)
        assert started == len(sink.started)
        return await sink.all_done()

    async def job_events(self, count: int) -> list[JobFinished]:
        """Wait for so many `job.finished`."""
        while True:
            found = [event for event in self.events if isinstance(event, JobFinished)]
            if len(found) >= count:
                return found
            self.ended.clear()
            await self.ended.wait()


def git(cwd: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Dev", "-c", "user.email=dev-1@team.invalid", "-c", "safe.directory=*"]
    done = subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout.strip()


async def isolating() -> SandboxProvider:
    """The sandbox that would be picked; what these tests run is hostile, so without isolation they fail instead."""
    provider = await pick()
    missing = (await provider.detect()).missing(("fs", "net", "pid"))
    if missing:
        pytest.fail(f"the {provider.name} sandbox does not isolate: {', '.join(missing)}")
    return provider


@pytest.fixture
def make_sink() -> type[Sink]:
    return Sink


@pytest.fixture
async def ci(tmp_path: Path) -> AsyncIterator[CI]:
    repository, work = tmp_path / "shortlink.git", tmp_path / "work"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(repository))
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(work))
    git(work, "remote", "add", "origin", str(repository))
    (work / "app.py").write_text("print('hello')\n")
    async with asyncio.TaskGroup() as group:
        tasks: set[asyncio.Task[None]] = set()

        def spawn(work: Coroutine[Any, Any, None], /) -> None:
            tasks.add(group.create_task(work))

        async def emit(service: str, data: Data, *, cause: str | None = None) -> str:
            assert service == "github"
            found.events.append(data)
            if isinstance(data, JobStarted | JobFinished):
                assert cause == "cause-1"
            found.ended.set()
            return f"event-{len(found.events)}"

        context = WorldContext(
            run="test",
            directory=tmp_path / "world",
            clock=WallClock(),
            credentials=Credentials(()),
            emit=emit,
            spawn=spawn,
            sandboxes=await isolating(),
            base_url="http://127.0.0.1:1",
        )
        found = CI(Actions(context), repository, work, context)
        yield found
        await found.actions.close()
