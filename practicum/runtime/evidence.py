"""What the evaluators of a run get to see."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from pydantic_core import from_json

from practicum.api.evaluator import Files, Judge, StepView, TurnView
from practicum.api.sandbox import WORKSPACE, ExecResult, Limits, Mount, SandboxProvider, SandboxSpec
from practicum.bus.event import Event
from practicum.errors import InfrastructureError
from practicum.proctor.control import ServiceLease
from practicum.scenarios.git import git
from practicum.scenarios.gitlog import commit_of

_GET_S = 60
_MOST_PAGES = 50
_LARGEST = 64 * 1024**2


class WorldView:
    """The services through the gateway, read-only, with leases that only the launcher holds."""

    def __init__(self, leases: dict[str, ServiceLease], scratch: Path) -> None:
        self._leases = leases
        self.scratch = scratch
        """For clones and checkouts; whoever made the view removes it."""
        self._clones: dict[str, Path] = {}
        self._lock = asyncio.Lock()

    def has(self, service: str) -> bool:
        return service in self._leases

    async def get(self, service: str, path: str, params: dict[str, str] | None = None) -> tuple[int, Any]:
        lease = self._lease(service)
        url: str | None = f"{lease.url}{path}"
        scheme = "Bot" if service == "discord" else "Bearer"
        headers = {"Authorization": f"{scheme} {lease.token}", "Accept": "application/json"}
        joined: list[Any] = []
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_GET_S), headers=headers) as session:
                for _ in range(_MOST_PAGES):
                    async with session.get(str(url), params=params) as answer:
                        content = await answer.read()
                        value = _decode(content)
                        following = answer.links.get("next")
                        if answer.status >= 400 or not isinstance(value, list):
                            return answer.status, value
                    joined += value
                    if following is None:
                        return 200, joined
                    url, params = str(following["url"]), None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise InfrastructureError(f"{service} does not answer: {error or type(error).__name__}") from error
        raise InfrastructureError(f"{service}: {path} has more than {_MOST_PAGES} pages")

    async def download(self, service: str, path: str) -> tuple[int, bytes]:
        lease = self._lease(service)
        headers = {"Authorization": f"Bearer {lease.token}", "Accept": "application/octet-stream"}
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_GET_S), headers=headers) as session,
                session.get(f"{lease.url}{path}") as answer,
            ):
                content, status = bytearray(), answer.status
                async for part in answer.content.iter_any():
                    content += part
                    if len(content) > _LARGEST:
                        break
        except (aiohttp.ClientError, TimeoutError) as error:
            raise InfrastructureError(f"{service} does not answer: {error or type(error).__name__}") from error
        if len(content) > _LARGEST:
            raise InfrastructureError(f"{service}: {path} is larger than {_LARGEST // 1024**2} MiB")
        return status, bytes(content)

    async def clone(self, repo: str) -> Path:
        async with self._lock:
            if repo not in self._clones:
                target = self.scratch / f"{repo.replace('/', '+')}.git"
                lease = self._lease("github")
                config = f"http.extraHeader=Authorization: Bearer {lease.token}"
                await git("clone", "--quiet", "--mirror", f"{lease.git_url}/{repo}.git", str(target), config=config)
                self._clones[repo] = target
            return self._clones[repo]

    def _lease(self, service: str) -> ServiceLease:
        lease = self._leases.get(service)
        if lease is None:
            raise InfrastructureError(f"the scenario has no {service}")
        return lease


def _decode(content: bytes) -> Any:
    try:
        return from_json(content) if content else None
    except ValueError:
        return content.decode(errors="replace")


class SandboxWorkbench:
    """Checks files out and executes things in sandboxes of their own."""

    def __init__(self, world: WorldView, sandboxes: SandboxProvider, scratch: Path) -> None:
        self._world, self._sandboxes, self._scratch = world, sandboxes, scratch

    async def checkout(self, repo: str, ref: str) -> Path:
        mirror = await self._world.clone(repo)
        await asyncio.to_thread(_leave_nothing_out, mirror)
        folder = Path(tempfile.mkdtemp(prefix="checkout-", dir=self._scratch))
        archive = folder.with_suffix(".tar")
        commit = await commit_of(mirror, ref)
        await git("archive", "--format=tar", f"--output={archive}", commit or ref, cwd=mirror)
        await asyncio.to_thread(shutil.unpack_archive, archive, folder, filter="data")
        archive.unlink()
        return folder

    async def run(self, folder: Path, argv: Sequence[str], limits: Limits | None = None) -> ExecResult:
        spec = SandboxSpec(mounts=(Mount(folder, WORKSPACE, writable=True),), limits=limits or Limits())
        sandbox = await self._sandboxes.open(spec)
        try:
            return await sandbox.run(argv)
        finally:
            await sandbox.close()


def _leave_nothing_out(mirror: Path) -> None:
    """Have an archive hold every file as it is: by its attributes a repository could keep failing tests out of it.

    Source: gitattributes(5), "Creating an archive"; `info/attributes` is stronger than any file of a commit.
    """
    target = mirror / "info" / "attributes"
    if target.exists():
        return
    target.parent.mkdir(exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write("* -export-ignore -export-subst\n")
    Path(name).replace(target)  # in one piece: another checkout of the mirror may read it now


class RunEvidence:
    """Everything of one run that an evaluator may look at."""

    def __init__(
        self,
        *,
        run: str,
        directory: Path,
        events: Sequence[Event],
        team: dict[str, str],
        settings: dict[str, Any],
        world: WorldView,
        workbench: SandboxWorkbench,
        search: Callable[[], Awaitable[list[str]]],
        steps: Sequence[StepView] = (),
        scope: StepView | None = None,
        turn: TurnView | None = None,
        files: Files | None = None,
        judge: Judge | None = None,
    ) -> None:
        self.run, self.directory, self.events = run, directory, events
        self.team, self.settings = team, settings
        self.world, self.workbench = world, workbench
        self.steps, self.scope, self.turn = steps, scope, turn
        self.files, self.judge = files, judge
        self._search = search

    async def leaks(self) -> list[str]:
        return await self._search()
