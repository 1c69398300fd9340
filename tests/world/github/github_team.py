"""A simulated GitHub on a free port, with PyGithub and git for each member of a small team."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import aiohttp
from aiohttp import web
from github import Auth, Github, GithubException
from multidict import CIMultiDictProxy

from practicum.api.sandbox import SandboxProvider
from practicum.bus.events import Data, Json, WorldChanged
from practicum.clock import WallClock
from practicum.world.github import GitHub
from practicum.world.service import Credential, Credentials, WorkflowRunner, WorldContext

T = TypeVar("T")
REPO = "acme/shortlink"
ACCOUNTS: dict[str, tuple[dict[str, str] | None, tuple[str, ...] | None]] = {
    "lead": (None, None),
    "dev-1": (None, None),
    "dev-2": (None, None),
    "qa": (None, None),
    "reader": ({"contents": "read", "issues": "read", "pull_requests": "read"}, None),
    "reporter": ({"issues": "write"}, None),
    "reviewer": ({"contents": "read", "pull_requests": "write"}, None),
    "stranger": (None, ("acme/elsewhere",)),
}
"""Login to the token's permissions and repositories."""


@dataclass
class Team:
    """The service, what it emitted, and how to reach it as somebody."""

    service: GitHub
    base_url: str
    tokens: dict[str, str]
    folder: Path
    emitted: list[tuple[Data, str | None]] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until something that was emitted makes `done` true."""
        async with asyncio.timeout(40), self.news:
            await self.news.wait_for(done)

    def github(self, login: str = "dev-1", **options: Any) -> Github:
        """PyGithub as somebody, pointed here."""
        return Github(
            base_url=f"{self.base_url}/github",
            auth=Auth.Token(self.tokens[login]),
            seconds_between_requests=0,
            seconds_between_writes=0,
            retry=None,
            **options,
        )

    async def use(self, login: str, work: Callable[[Github], T]) -> T:
        """Run PyGithub's blocking calls in a thread."""

        def run() -> T:
            with self.github(login) as client:
                return work(client)

        return await asyncio.to_thread(run)

    async def fails(self, login: str, work: Callable[[Github], Any]) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Status, body and headers of the error that PyGithub raises."""
        try:
            await self.use(login, work)
        except GithubException as error:
            return error.status, cast("dict[str, Any]", error.data), dict(error.headers or {})
        raise AssertionError("PyGithub raised nothing")

    async def call(
        self, method: str, path: str, *, login: str = "dev-1", body: object = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, Any, CIMultiDictProxy[str]]:
        """One raw call: status, body, headers."""
        sent = {"Authorization": f"Bearer {self.tokens.get(login, login)}", **headers}
        url = path if path.startswith("http") else f"{self.base_url}/github{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                method, url, data=None if body is None else json.dumps(body), headers=sent, allow_redirects=False
            ) as answer,
        ):
            raw = await answer.read()
            value = json.loads(raw) if raw and "json" in answer.headers["Content-Type"] else raw
            return answer.status, value, answer.headers

    def remote(self, repo: str = REPO, login: str = "dev-1") -> str:
        """Where git finds a repository, with the token as password."""
        return self.base_url.replace("http://", f"http://x-access-token:{self.tokens[login]}@") + f"/git/{repo}.git"

    async def clone(self, login: str = "dev-1", repo: str = REPO, *options: str) -> Clone:
        """A fresh work tree of somebody."""
        place = self.folder / f"{login}-{secrets.token_hex(4)}"
        await git(self.folder, "clone", "-q", *options, self.remote(repo, login), str(place))
        clone = Clone(place)
        await clone.git("config", "user.name", f"Agent {login}")
        await clone.git("config", "user.email", f"{login}@team.invalid")
        return clone

    def changes(self, name: str = "") -> list[WorldChanged]:
        """What the world said that changed."""
        found = [data for data, _ in self.emitted if isinstance(data, WorldChanged)]
        return [data for data in found if not name or data.change == f"github.{name}"]

    def change(self, name: str) -> WorldChanged:
        found = self.changes(name)
        assert len(found) == 1, [data.change for data in self.changes()]
        return found[0]

    async def pull(self, branch: str, files: Mapping[str, str], *, login: str = "dev-1", body: str = "") -> int:
        """Push a branch with some files and open a pull request; returns its number."""
        clone = await self.clone(login)
        await clone.commit_on(branch, files)
        await clone.git("push", "-q", "origin", branch)
        made = await self.use(
            login, lambda g: g.get_repo(REPO).create_pull(base="main", head=branch, title=f"Add {branch}", body=body)
        )
        return made.number


@dataclass
class Clone:
    """A work tree."""

    path: Path

    async def git(self, *argv: str, ok: bool = True) -> str:
        return await git(self.path, *argv, ok=ok)

    async def commit_on(self, branch: str, files: Mapping[str, str], *options: str) -> str:
        """Commit files on a branch (made when new); returns the commit."""
        known = (await self.git("branch", "--list", branch)).strip()
        await self.git("checkout", "-q", *([] if known else ["-b"]), branch)
        for name, text in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text)
        await self.git("add", "-A")
        await self.git("commit", "-q", "-m", f"Change {', '.join(files)}", *options)
        return (await self.git("rev-parse", "HEAD")).strip()


class GitFailed(AssertionError):
    """git ended with an error."""


async def git(folder: Path, *argv: str, ok: bool = True, stdin: bytes = b"") -> str:
    """Run the real git without anybody's configuration. With `ok=False` it must fail; returns what it said."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    done = await asyncio.to_thread(
        subprocess.run, ["git", *argv], cwd=folder, env=env, input=stdin, capture_output=True, timeout=50
    )
    if (done.returncode == 0) is not ok:
        raise GitFailed(f"git {' '.join(argv)}: {done.returncode}\n{done.stderr.decode()}")
    return done.stdout.decode() + ("" if ok else done.stderr.decode())


@asynccontextmanager
async def open_team(
    folder: Path,
    seed: Mapping[str, Json],
    *,
    make_runner: Callable[[WorldContext], WorkflowRunner] | None = None,
    rate_limit: int = 100_000,
) -> AsyncIterator[Team]:
    """Start the service with the accounts of `ACCOUNTS`."""
    tokens = {login: secrets.token_urlsafe(24) for login in ACCOUNTS}
    accounts = [
        Credential(
            service="github",
            token_sha256=hashlib.sha256(tokens[login].encode()).hexdigest(),
            login=login,
            name=f"Agent {login}",
            email=f"{login}@team.invalid",
            permissions=permissions,
            repos=repos,
        )
        for login, (permissions, repos) in ACCOUNTS.items()
    ]
    emitted: list[tuple[Data, str | None]] = []
    news = asyncio.Condition()

    async def emit(service: str, data: Data, *, cause: str | None = None) -> str:
        assert service == "github"
        async with news:
            emitted.append((data, cause))
            news.notify_all()
        return f"event-{len(emitted)}"

    async with asyncio.TaskGroup() as tasks:
        spawn = cast("Callable[[Coroutine[Any, Any, None]], None]", tasks.create_task)
        sandboxes = cast("SandboxProvider", None)
        context = WorldContext("run", folder / "world", WallClock(), Credentials(accounts), emit, spawn, sandboxes)
        service = GitHub(context, make_runner(context) if make_runner else None, rate_limit=rate_limit)
        app = web.Application()
        service.mount(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        context.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        await service.seed(seed)
        work = folder / "work"
        work.mkdir()
        try:
            yield Team(service, context.base_url, tokens, work, emitted, news)
        finally:
            await service.close()
            await runner.cleanup()
