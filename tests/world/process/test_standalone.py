"""A simulated GitHub of its own, standing in for a live one: REST, git, Actions and signed webhooks, no run, no bus."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import subprocess
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from practicum.bus.events import Json
from practicum.errors import UsageError
from practicum.world.server import serve
from practicum.world.service import Credential

pytestmark = pytest.mark.sandbox

WORKFLOW = """\
name: CI
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python -m unittest
"""
TEST = "import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(1 + 1, 2)\n"


def credential(token: str) -> Credential:
    return Credential(
        service="github",
        token_sha256=hashlib.sha256(token.encode()).hexdigest(),
        login="dev-1",
        name="Developer",
        email="dev-1@team.invalid",
    )


async def test_a_push_runs_the_workflow_and_the_webhook_is_signed(tmp_path: Path) -> None:
    token, secret = secrets.token_urlsafe(24), secrets.token_urlsafe(16)
    deliveries: asyncio.Queue[tuple[str, dict[str, Any], bool]] = asyncio.Queue()

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        genuine = hmac.compare_digest(signed, request.headers["X-Hub-Signature-256"])
        await deliveries.put((request.headers["X-GitHub-Event"], json.loads(body), genuine))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    repo: dict[str, Json] = {"files": {"README.md": "x"}, "protected": False, "collaborators": {"dev-1": "admin"}}
    seed: dict[str, dict[str, Json]] = {"github": {"repos": {"acme/shortlink": repo}}}
    told: list[str] = []
    try:
        async with (
            serve(
                ["github"],
                credentials=[credential(token)],
                directory=tmp_path / "world",
                seed=seed,
                on_event=lambda service, data: told.append(data.event_type),
            ) as world,
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
        ):
            api = f"{world.url}/github/repos/acme/shortlink"
            target = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
            config = {"url": target, "secret": secret, "content_type": "json"}
            body = {"name": "web", "events": ["push", "check_run"], "config": config}
            async with session.post(f"{api}/hooks", json=body) as answer:
                assert answer.status == 201, await answer.text()
            sha = await asyncio.to_thread(push, world.url, token, tmp_path / "clone")
            seen = []
            while ("check_run", "completed") not in seen:
                event, payload, genuine = await asyncio.wait_for(deliveries.get(), 40)
                assert genuine
                seen.append((event, payload.get("action")))
            assert ("push", None) in seen
            async with session.get(f"{api}/commits/{sha}/check-runs") as answer:
                [run] = (await answer.json())["check_runs"]
            assert (run["name"], run["conclusion"]) == ("test", "success")
            async with session.get(api, headers={"Authorization": "Bearer wrong"}) as answer:
                assert answer.status == 401
    finally:
        await runner.cleanup()
    assert {"world.changed", "job.started", "job.finished"} <= set(told)
    assert token not in (tmp_path / "world" / "ledger.jsonl").read_text()


def push(url: str, token: str, clone: Path) -> str:
    def git(*arguments: str, cwd: Path = clone) -> str:
        identity = ["-c", "user.name=Developer", "-c", "user.email=dev-1@team.invalid"]
        done = subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    address = url.replace("http://", f"http://dev-1:{token}@") + "/git/acme/shortlink.git"
    git("clone", "--quiet", address, str(clone), cwd=clone.parent)
    for name, text in {".github/workflows/ci.yml": WORKFLOW, "test_it.py": TEST}.items():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text(text)
    git("add", "--all")
    git("commit", "--quiet", "--message", "Add CI")
    git("push", "--quiet", "origin", "HEAD:main")
    return git("rev-parse", "HEAD")


async def test_an_unknown_service_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown service 'gitlab'"):
        async with serve(["gitlab"], credentials=[], directory=tmp_path):
            pass
