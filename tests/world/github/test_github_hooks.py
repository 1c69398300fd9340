"""Webhooks: signed, delivered in the background, announced before the answer; and workflow checks."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from github_team import REPO, Team, open_team

from practicum.bus.events import JobFinished, JobStarted
from practicum.world.service import CheckSink, WorkflowTrigger, WorldContext

SECRET = "a-secret-of-this-test"


class Receiver:
    """A program that hooks are delivered to."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()
        self.status = 200
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        await self.received.put((dict(request.headers), await request.read()))
        return web.Response(status=self.status, text="thanks")

    async def next(self, event: str) -> tuple[dict[str, str], bytes]:
        """The next delivery of an event; others are skipped."""
        async with asyncio.timeout(30):
            while True:
                headers, raw = await self.received.get()
                if headers["X-GitHub-Event"] == event:
                    return headers, raw


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/hook", found.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield found
    await runner.cleanup()


async def hook(team: Team, receiver: Receiver, events: list[str]) -> int:
    config = {"url": receiver.url, "content_type": "json", "secret": SECRET}
    made = await team.use("lead", lambda g: g.get_repo(REPO).create_hook("web", config, events, active=True))
    return made.id


async def test_deliveries_are_signed_and_named(open_repo: Team, receiver: Receiver) -> None:
    await hook(open_repo, receiver, ["push", "issues"])
    headers, raw = await receiver.next("ping")
    assert json.loads(raw)["hook"]["config"]["secret"] == "********"
    assert SECRET.encode() not in raw
    await open_repo.use("qa", lambda g: g.get_repo(REPO).create_issue("Broken"))
    headers, raw = await receiver.next("issues")
    assert headers["X-Hub-Signature-256"] == "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    assert uuid.UUID(headers["X-GitHub-Delivery"]).version == 4
    payload = json.loads(raw)
    assert (payload["action"], payload["issue"]["title"], payload["sender"]["login"]) == ("opened", "Broken", "qa")


async def test_a_push_says_what_was_pushed(open_repo: Team, receiver: Receiver) -> None:
    await hook(open_repo, receiver, ["push"])
    clone = await open_repo.clone("dev-1")
    sha = await clone.commit_on("work", {"a.txt": "a"})
    await clone.git("push", "-q", "origin", "work")
    payload = json.loads((await receiver.next("push"))[1])
    assert (payload["ref"], payload["after"], payload["pusher"]["name"]) == ("refs/heads/work", sha, "dev-1")
    assert [commit["id"] for commit in payload["commits"]] == [sha]


async def test_a_delivery_is_announced_before_the_answer_and_its_end_is_told(
    open_repo: Team, receiver: Receiver
) -> None:
    number = await hook(open_repo, receiver, ["issues"])
    started = [data for data, _ in open_repo.emitted if isinstance(data, JobStarted)]
    assert [data.kind for data in started] == ["webhook"]

    def ends() -> list[JobFinished]:
        return [data for data, _ in open_repo.emitted if isinstance(data, JobFinished)]

    await open_repo.until(lambda: len(ends()) == 1)
    assert (ends()[0].ok, ends()[0].job) == (True, started[0].job)
    receiver.status = 500
    await open_repo.use("qa", lambda g: g.get_repo(REPO).create_issue("Broken"))
    await open_repo.until(lambda: len(ends()) == 2)
    assert ends()[1].ok is False
    _, listed, _ = await open_repo.call("GET", f"/repos/{REPO}/hooks/{number}/deliveries", login="lead")
    assert [(each["event"], each["status_code"]) for each in listed] == [("issues", 500), ("ping", 200)]
    everything = json.dumps(open_repo.service.inspect()) + repr(open_repo.emitted)
    assert SECRET not in everything


async def test_a_delivery_to_nobody_ends_too(open_repo: Team) -> None:
    config = {"url": "http://127.0.0.1:9/hook"}
    await open_repo.use("lead", lambda g: g.get_repo(REPO).create_hook("web", config, ["issues"], active=True))
    await open_repo.until(lambda: any(isinstance(data, JobFinished) for data, _ in open_repo.emitted))
    end = next(data for data, _ in open_repo.emitted if isinstance(data, JobFinished))
    assert not end.ok
    assert end.log


class Recording:
    """A workflow runner that announces one job and leaves its end to the test."""

    def __init__(self, context: WorldContext) -> None:
        self.started: list[tuple[WorkflowTrigger, int]] = []

    async def trigger(self, trigger: WorkflowTrigger, sink: CheckSink) -> int:
        self.started.append((trigger, await sink.check_started(trigger, "ci", "test")))
        return 1

    async def close(self) -> None: ...


async def test_pushes_and_pull_requests_trigger_workflows_whose_checks_gate_the_merge(tmp_path: Path) -> None:
    runners: list[Recording] = []

    def make(context: WorldContext) -> Recording:
        runners.append(Recording(context))
        return runners[0]

    rules: Any = {"collaborators": {"lead": "admin"}, "protected": {"required_approvals": None, "contexts": ["test"]}}
    async with open_team(tmp_path, {"repos": {REPO: rules}}, make_runner=make) as team:
        number = await team.pull("work", {"a.txt": "a"})
        runner = runners[0]
        assert [trigger.event for trigger, _ in runner.started] == ["push", "push", "pull_request"]
        trigger, check = runner.started[-1]
        assert trigger.payload["action"] == "opened"
        _, pull, _ = await team.call("GET", f"/repos/{REPO}/pulls/{number}")
        assert pull["mergeable_state"] == "blocked"
        for _, each in runner.started[1:]:
            await team.service.check_completed(
                each, conclusion="success", title="14 passed", summary="", log="ok", artifacts={"report.txt": b"fine"}
            )
        told = team.changes("check.completed")[-1]
        assert (told.facts["pull_requests"], told.facts["conclusion"]) == ([number], "success")
        runs = await team.use("qa", lambda g: [run.conclusion for run in g.get_repo(REPO).get_workflow_runs()])
        assert runs == ["success", "success", None]
        _, found, _ = await team.call("GET", f"/repos/{REPO}/commits/{trigger.sha}/check-runs?filter=all")
        assert check in [each["id"] for each in found["check_runs"]]
        assert (await team.use("dev-1", lambda g: g.get_repo(REPO).get_pull(number).merge())).merged
