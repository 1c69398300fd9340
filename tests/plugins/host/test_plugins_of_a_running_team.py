"""A running team uses a plugin that is installed while it runs, then the next version; a bad one is taken back."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from plugin_wheels import wheel
from practicum_command import Practicum, Run

from practicum.plugins.store import Store
from practicum.trajectory.reader import Trajectory

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(240)]

CODE = """
import asyncio
from practicum.api.plugin import Plugin, PluginContext, action

@action(effect="once")
async def count(context: PluginContext, number: int, wait: float = 0.0) -> list[str]:
    \"\"\"Count.\"\"\"
    await asyncio.sleep(wait)
    return ["VERSION", str(number), context.agent]

@action(effect="read")
async def unit(context: PluginContext) -> str:
    \"\"\"What is counted.\"\"\"
    return context.config["unit"]

plugin = Plugin(name="counter", version="VERSION", description="Counts.", actions=(count, unit))
"""


async def until(done: Callable[[], bool]) -> None:
    """Wait for something that another process does to files."""
    async with asyncio.timeout(60):
        while not done():  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(0.05)


async def seen(place: Path, what: str = "") -> None:
    """Wait until a file is there (and holds some text)."""
    await until(lambda: place.exists() and what in place.read_text())


async def test_a_running_team_uses_what_is_installed_and_replaced_while_it_runs(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parent / "plugged", tmp_path / "plugged")
    command = Practicum(tmp_path / "home", tmp_path)
    store = Store(tmp_path / "home" / "plugins")

    async def install(version: str, code: str) -> None:
        installed, _ = await store.add(wheel(tmp_path / "wheels", "counter", version, code))
        store.activate("counter", installed.version)

    with command.start("run", str(tmp_path / "plugged")) as running:
        await until(lambda: bool(command.folders()))
        folder = command.folders()[0]
        await seen(folder / "trajectory.jsonl", "tool.returned")
        await install("0.1.0", CODE)
        await seen(folder / "agents" / "caller" / "saw-0.1.0")
        await install("0.2.0", CODE)
        await seen(folder / "agents" / "caller" / "saw-0.2.0")
        await install("0.3.0", "1/0")
        await seen(folder / "trajectory.jsonl", "plugin.reverted")
        (folder / "agents" / "caller" / "go").write_text("")
        output, errors = await asyncio.to_thread(running.communicate)
    assert running.returncode == 0, output + errors
    run = Run(folder)
    said = json.loads((folder / "agents" / "caller" / "seen.json").read_text())
    assert "there is no plugin 'counter' here" in said["early"]
    assert said["early_list"] == 0
    numbers = [int(number) for _, number, _ in said["answers"]]
    assert numbers == list(range(len(numbers)))  # every call was answered, and once
    assert {version for version, _, _ in said["answers"]} == {"0.1.0", "0.2.0"}
    assert {agent for _, _, agent in said["answers"]} == {"caller"}
    assert said["listed"] == {"version": "0.2.0", "actions": ["count", "unit"]}
    assert "valid integer" in said["wrong"]
    assert said["unit"] == "apples"
    told = [(body.version, getattr(body, "to", "")) for body in run.of("plugin.installed", "plugin.reverted")]
    assert told == [("0.1.0", ""), ("0.2.0", ""), ("0.3.0", "0.2.0")]
    assert {"list_plugins", "use_plugin"} <= set(run.of("agent.joined")[0].tools)
    assert Trajectory(folder).events()
