"""Evaluators of deliveries and of history, asked about what the simulated GitHub itself tells and serves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from github_team import REPO, Team

from practicum.api.evaluator import Evidence, Finding
from practicum.bus.event import Event, make_event
from practicum.bus.events import JobFinished
from practicum.proctor.control import ServiceLease
from practicum.runtime.evidence import WorldView
from practicum.scenarios.evaluators import read_evaluator

ARCHIVE = b"\x1f\x8b\x00binary\xff"


@dataclass
class Looked:
    """As much of the evidence as these evaluators look at."""

    world: WorldView
    events: list[Event]
    team: dict[str, str] = field(default_factory=lambda: {"dev-1": "developer", "dev-2": "developer"})
    settings: dict[str, Any] = field(default_factory=lambda: {"repo": REPO})
    turn: None = None
    scope: None = None
    """Of the whole run."""

    async def look(self, type: str, **keys: Any) -> Finding:
        return await read_evaluator({"type": type, **keys}).evaluate(cast(Evidence, self))


@pytest.fixture
async def taken() -> AsyncIterator[str]:
    """An address that takes whatever is delivered to it."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


def looked(team: Team, scratch: Path) -> Looked:
    lease = ServiceLease(
        id="l", token=team.tokens["lead"], url=f"{team.base_url}/github", git_url=f"{team.base_url}/git", login="lead",
        name="", email="", expires=datetime.now(UTC) + timedelta(hours=1),
    )  # fmt: skip
    events = [make_event(data, run="RUN", source="world-github") for data, _ in team.emitted]
    return Looked(WorldView({"github": lease}, scratch), events)


async def test_an_idle_repository_shows_nothing(open_repo: Team, tmp_path: Path) -> None:
    seen = looked(open_repo, tmp_path)
    for type, keys in (
        ("git_history", {}),
        ("artifact_downloadable", {}),
        ("artifact_downloadable", {"from": "workflow"}),
        ("webhook_delivered", {}),
    ):
        assert not (await seen.look(type, **keys)).passed


async def test_what_was_pushed_released_and_delivered_is_seen(open_repo: Team, tmp_path: Path, taken: str) -> None:
    config = {"url": taken, "content_type": "json"}
    await open_repo.use("lead", lambda g: g.get_repo(REPO).create_hook("web", config, ["push"], active=True))
    clone = await open_repo.clone("dev-1")
    await clone.commit_on("main", {"app.py": "print()\n"})
    await clone.git("push", "-q", "origin", "HEAD:main")
    packed = tmp_path / "app-1.0.tar.gz"
    packed.write_bytes(ARCHIVE)

    def publish(github: Any) -> None:
        made = github.get_repo(REPO).create_git_release("v1.0", "First", "It works.")
        made.upload_asset(str(packed))

    await open_repo.use("dev-1", publish)
    pushed = lambda: [  # noqa: E731
        data for data, _ in open_repo.emitted if isinstance(data, JobFinished) and data.facts.get("event") == "push"
    ]
    await open_repo.until(lambda: bool(pushed()))
    seen = looked(open_repo, tmp_path)
    found = await seen.look("git_history", by_role="developer", path="app.py", never_rewritten=True)
    assert found.passed, found.summary
    found = await seen.look("artifact_downloadable", tag="^v1", file=r"\.tar\.gz$", min_bytes=len(ARCHIVE))
    assert found.passed, found.summary
    assert found.details["bytes"] == len(ARCHIVE)
    found = await seen.look("webhook_delivered", event="push", to="^127", service="github")
    assert found.passed, found.summary


async def test_a_push_with_force_is_seen(open_repo: Team, tmp_path: Path) -> None:
    clone = await open_repo.clone("dev-2")
    await clone.commit_on("main", {"a": "1"})
    await clone.git("push", "-q", "origin", "HEAD:main")
    await clone.git("commit", "-q", "--amend", "-m", "Otherwise")
    await clone.git("push", "-q", "--force", "origin", "HEAD:main")
    seen = looked(open_repo, tmp_path)
    found = await seen.look("git_history", never_rewritten=True)
    assert (found.passed, found.summary) == (False, "main was rewritten by dev-2")
