"""The trusted host: a plugin in our own process, swapped without a trace."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from fleet_kit import SECRET, Heard
from plugin_wheels import wheel

from practicum.plugins.host.description import Declared
from practicum.plugins.host.errors import PluginCallError, PluginLoadError
from practicum.plugins.host.fleet import Fleet
from practicum.plugins.store import Grant, Store

NOTES = '''
import asyncio
from practicum.api.plugin import Plugin, PluginContext, Variable, action

@action(effect="read")
async def which(context: PluginContext, wait: float = 0.0) -> str:
    """Which version."""
    await asyncio.sleep(wait)
    return "VERSION"

@action()
async def leak(context: PluginContext) -> list[str]:
    """Tell."""
    context.log(context.environment["API_TOKEN"])
    return [context.environment["API_TOKEN"]]

@action()
async def bad(context: PluginContext) -> str:
    """Stumble."""
    raise RuntimeError(context.environment["API_TOKEN"])

plugin = Plugin(name="notes", version="VERSION", actions=(which, leak, bad), environment=(Variable("API_TOKEN"),))
'''


async def install(fleet: Fleet, tmp_path: Path, version: str, code: str = NOTES) -> None:
    grant = Grant(environment=(Declared(name="API_TOKEN"),))
    await fleet.install(wheel(tmp_path / "wheels", "notes", version, code), host="trusted", grant=grant)


async def test_swapped_while_a_call_is_under_way_and_nothing_is_left_of_the_old_one(
    fleet: Fleet, tmp_path: Path, store: Store
) -> None:
    path = list(sys.path)
    await install(fleet, tmp_path, "0.1.0")
    assert fleet.find("notes").host == "trusted"  # type: ignore[union-attr]
    slow = asyncio.create_task(fleet.call("notes", "which", {"wait": 0.3}))
    await asyncio.sleep(0)
    await install(fleet, tmp_path, "0.2.0")
    assert await fleet.call("notes", "which") == "0.2.0"
    assert await slow == "0.1.0"
    assert str(store.installed("notes").site) in (sys.modules["notes_plugin"].__file__ or "")
    for code in ("1/0", NOTES.replace('name="notes"', 'name="other"')):
        with pytest.raises(PluginLoadError):
            await install(fleet, tmp_path, "0.3.0", code)
    assert await fleet.call("notes", "which") == "0.2.0"
    assert str(store.installed("notes").site) in (sys.modules["notes_plugin"].__file__ or "")
    assert (await fleet.rollback("notes")).version == "0.1.0"
    assert await fleet.call("notes", "which") == "0.1.0"
    await fleet.close()
    assert [name for name in sys.modules if name.startswith("notes")] == []
    assert sys.path == path


async def test_values_of_variables_do_not_come_back(fleet: Fleet, tmp_path: Path, heard: Heard) -> None:
    await install(fleet, tmp_path, "0.1.0")
    assert await fleet.call("notes", "leak") == ["[API_TOKEN]"]
    with pytest.raises(PluginCallError) as caught:
        await fleet.call("notes", "bad")
    assert SECRET not in caught.value.message
    assert heard.lines == [("notes", "[API_TOKEN]")]


async def test_limits_hold(fleet: Fleet, tmp_path: Path) -> None:
    await install(fleet, tmp_path, "0.1.0")
    with pytest.raises(PluginCallError) as caught:
        await fleet.call("notes", "which", {"wait": 9}, timeout=0.05)
    assert caught.value.kind == "timeout"
