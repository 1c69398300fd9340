"""The world as a process of its own: boot, requests, its end."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from world_launching import ADMIN, DEPLOYER, app, descendants, gone, launch, make_boot

pytestmark = pytest.mark.sandbox


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as found:
        yield found


async def deploy(session: aiohttp.ClientSession, url: str, name: str = "shortlink") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {DEPLOYER}"}
    address = f"{url}/deploy/v1/apps/{name}/deployments?version=v1&wait=true"
    async with session.post(address, data=app(), headers=headers) as answer:
        value: dict[str, Any] = await answer.json()
        assert value.get("state") == "running", value
        return value


async def test_it_boots_answers_and_closes(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    boot = make_boot(tmp_path / "world", deploy={}, slack={"channels": ["dev"]})
    async with launch(boot) as world:
        url = (await world.line())["url"]
        said = await world.ask("say", service="slack", channel="dev", user="carol", text="hello team")
        assert "result" in said, said
        state = (await world.ask("inspect"))["result"]
        assert "hello team" in json.dumps(state["slack"])
        assert state["deploy"] == {"apps": {}}
        assert (await world.ask("inspect", service="deploy"))["result"] == {"apps": {}}
        refused = await world.ask("inspect", service="githb")
        assert refused["error"]["kind"] == "UsageError"
        async with session.get(f"{url}/deploy/v1/apps", headers={"Authorization": f"Bearer {DEPLOYER}"}) as answer:
            assert answer.status == 200
        entry = (await world.ask("ledger"))["result"]["entries"][-1]
        assert (entry["service"], entry["method"], entry["login"], entry["status"]) == ("deploy", "GET", "devops", 200)
        events = (tmp_path / "world" / "events.jsonl").read_text().splitlines()
        assert json.loads(events[-1])["data"]["change"] == "slack.message.posted"
        assert json.loads(events[-1])["source"] == "world-slack"
        assert (await world.ask("close"))["result"] == {}
        assert await world.ended(20) == 0


async def test_only_the_admin_key_opens_inspection(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with launch(make_boot(tmp_path / "world", deploy={})) as world:
        url = (await world.line())["url"]
        for token, status in (("", 401), (DEPLOYER, 401), (ADMIN, 200)):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            for what in ("deploy", "ledger"):
                async with session.get(f"{url}/inspect/{what}", headers=headers) as answer:
                    assert answer.status == status
        assert ADMIN not in (tmp_path / "world" / "ledger.jsonl").read_text()


async def test_the_end_of_the_launcher_ends_it_and_its_applications(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    async with launch(make_boot(tmp_path / "world", deploy={})) as world:
        await deploy(session, (await world.line())["url"])
        below = descendants(world.process.pid)
        assert below
        world.writer.close()
        assert await world.ended(20) == 0
        assert await gone(below, 5) == set()


async def test_killed_it_leaves_nothing_behind(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with launch(make_boot(tmp_path / "world", deploy={})) as world:
        await deploy(session, (await world.line())["url"])
        below = descendants(world.process.pid)
        assert below
        world.process.send_signal(signal.SIGKILL)
        await world.ended(20)
        assert await gone(below, 5) == set()


async def test_a_boot_that_makes_no_sense_is_answered_with_the_reason(tmp_path: Path) -> None:
    seed = secrets.token_urlsafe(24)
    boot = make_boot(tmp_path / "world", deploy={})
    boot["bus"] = {"url": 7, "identities": {"world-deploy": {"jwt": "x", "seed": seed, "extra": seed}}}
    async with launch(boot) as world:
        answer = await world.line()
        assert answer["error"]["kind"] == "UsageError"
        assert "bus.url" in answer["error"]["message"]
        assert seed not in json.dumps(answer)
        assert await world.ended(20) == 1
        assert world.process.stderr is not None
        assert seed.encode() not in await world.process.stderr.read()


async def test_an_unknown_service_or_seed_is_named(tmp_path: Path) -> None:
    for services, words in (({"githb": {}}, "unknown service 'githb'"), ({"deploy": {"x": 1}}, "unknown key")):
        async with launch(make_boot(tmp_path / words[:3], **services)) as world:
            answer = await world.line()
            assert words in answer["error"]["message"]
            assert await world.ended(20) == 1


async def test_a_background_failure_ends_it_loudly(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """What cannot be recorded must not go on: here the disk of the stand-alone journal is full."""
    directory = tmp_path / "world"
    directory.mkdir()
    (directory / "events.jsonl").symlink_to("/dev/full")
    async with launch(make_boot(directory, deploy={})) as world:
        url = (await world.line())["url"]
        headers = {"Authorization": f"Bearer {DEPLOYER}"}
        async with session.post(
            f"{url}/deploy/v1/apps/a/deployments?version=v1", data=app(), headers=headers
        ) as answer:
            assert answer.status == 500
        told = await world.line()
        assert "No space left" in told["error"]["message"]
        assert await world.ended(20) == 1
        assert world.process.stderr is not None
        assert b"world: died" in await world.process.stderr.read()


def test_without_a_descriptor_it_says_how_it_is_used() -> None:
    command = [sys.executable, "-m", "practicum.world.process"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "--fd" in done.stderr
