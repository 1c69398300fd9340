"""A fleet while versions change, die, fall ill and hang: no call is lost, none is answered twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from fleet_kit import Heard, quick_fleet
from plugin_wheels import GREETER, wheel

from practicum.bus.events.plugin import PluginInstalled, PluginRestarted, PluginReverted
from practicum.errors import UsageError
from practicum.plugins.host.errors import PluginCallError, PluginLoadError, PluginUnavailableError
from practicum.plugins.host.fleet import Fleet
from practicum.plugins.host.limits import Care
from practicum.plugins.store import Store

pytestmark = pytest.mark.sandbox

COUNTER = """
import asyncio, os
from practicum.api.plugin import Plugin, PluginContext, action

ILL: list[str] = []
COUNTED: list[str] = []

class Keeper:
    name = "keeper"
    async def start(self, context):
        if "FAILS" == "start":
            raise RuntimeError("no room")
    async def stop(self): ...
    async def health(self):
        return "it has a fever" if ILL or "FAILS" == "health" else ""

@action(effect="once")
async def count(context: PluginContext, number: int, wait: float = 0.0) -> list[str]:
    \"\"\"Count.\"\"\"
    await asyncio.sleep(wait)
    return ["VERSION", str(number)]

@action(effect="read")
async def read(context: PluginContext, wait: float = 0.0) -> str:
    \"\"\"Read.\"\"\"
    await asyncio.sleep(wait)
    return "VERSION"

@action(effect="once")
async def die(context: PluginContext) -> None:
    \"\"\"End the process.\"\"\"
    print("out of luck", flush=True)
    os._exit(7)

@action()
async def sicken(context: PluginContext) -> None:
    \"\"\"Fall ill.\"\"\"
    ILL.append("x")

@action()
async def hang(context: PluginContext) -> None:
    \"\"\"Never give the processor back.\"\"\"
    while True:
        pass

plugin = Plugin(name="counter", version="VERSION", actions=(count, read, die, sicken, hang), services=(Keeper,))
"""


def counter(tmp_path: Path, version: str, *, fails: str = "") -> Path:
    return wheel(tmp_path / "wheels", "counter", version, COUNTER.replace("FAILS", fails))


async def test_calls_go_on_over_swaps_and_failed_versions_and_each_is_answered_once(
    fleet: Fleet, tmp_path: Path, heard: Heard
) -> None:
    await fleet.install(counter(tmp_path, "0.1.0"))
    over, newest = asyncio.Event(), asyncio.Event()
    answers: list[tuple[str, str]] = []
    """In the order of the calls: an answer of the old process may come after one of the new."""

    async def caller(first: int) -> None:
        number = first
        while not over.is_set():
            place = len(answers)
            answers.append(("", ""))
            version, said = await fleet.call("counter", "count", {"number": number, "wait": 0.01})  # type: ignore[misc]
            answers[place] = (str(version), str(said))
            assert said == str(number)
            number += 10
            if version == "0.4.0":
                newest.set()

    async with asyncio.TaskGroup() as group:
        for first in range(10):
            group.create_task(caller(first))
        await fleet.install(counter(tmp_path, "0.2.0"))
        for fails in ("start", "health"):
            with pytest.raises(PluginLoadError):
                await fleet.install(counter(tmp_path, "0.3.0", fails=fails))
        await fleet.install(counter(tmp_path, "0.4.0"))
        await newest.wait()
        over.set()
    assert max(Counter(number for _, number in answers).values()) == 1
    assert [version for version, _ in answers] == sorted(version for version, _ in answers)  # never back to an old one
    assert {version for version, _ in answers} == {"0.1.0", "0.2.0", "0.4.0"}
    assert [event for event in heard.events if isinstance(event, PluginReverted)] == [
        PluginReverted(name="counter", version="0.3.0", to="0.2.0", reason=reason)
        for reason in (
            "its service keeper does not start: RuntimeError: no room", "is not healthy: keeper: it has a fever",
        )
    ]  # fmt: skip
    assert heard.events[0] == PluginInstalled(
        name="counter", version="0.1.0", host="isolated", actions=("count", "read", "die", "sicken", "hang")
    )
    assert (fleet.store.current("counter"), fleet.store.versions("counter")) == ("0.4.0", ["0.1.0", "0.2.0", "0.4.0"])


async def test_a_call_under_way_is_answered_by_the_version_that_took_it(fleet: Fleet, tmp_path: Path) -> None:
    await fleet.install(counter(tmp_path, "0.1.0"))
    slow = asyncio.create_task(fleet.call("counter", "count", {"number": 1, "wait": 1.0}))
    await asyncio.sleep(0)
    await fleet.install(counter(tmp_path, "0.2.0"))
    assert await fleet.call("counter", "read") == "0.2.0"
    assert await slow == ["0.1.0", "1"]


async def test_a_version_whose_process_ends_is_started_again_and_the_call_is_not_repeated(
    fleet: Fleet, tmp_path: Path, heard: Heard
) -> None:
    await fleet.install(counter(tmp_path, "0.1.0"))
    once = asyncio.create_task(fleet.call("counter", "count", {"number": 1, "wait": 3.0}))
    read = asyncio.create_task(fleet.call("counter", "read", {"wait": 0.5}))
    await asyncio.sleep(0)
    with pytest.raises(PluginCallError) as caught:
        await fleet.call("counter", "die", timeout=4)
    assert caught.value.kind == "gone"
    assert "out of luck" in caught.value.message
    with pytest.raises(PluginCallError, match="may or may not have been done"):
        await once  # nobody knows how far it came
    assert await read == "0.1.0"  # reading again does no harm
    assert await fleet.call("counter", "read") == "0.1.0"
    event = await heard.until("plugin.restarted")
    assert isinstance(event, PluginRestarted)
    assert event.reason == "its process ended: out of luck"


async def test_a_version_that_falls_ill_later_gives_way_to_the_one_before(
    store: Store, tmp_path: Path, heard: Heard
) -> None:
    async with quick_fleet(store, heard, care=Care(health_every=0.1, patience=2)) as fleet:
        await fleet.install(counter(tmp_path, "0.1.0"))
        await fleet.install(counter(tmp_path, "0.2.0"))
        await fleet.call("counter", "sicken")
        event = await heard.until("plugin.reverted")
        assert event == PluginReverted(name="counter", version="0.2.0", to="0.1.0", reason="keeper: it has a fever")
        assert await fleet.call("counter", "read") == "0.1.0"
        assert store.current("counter") == "0.1.0"
        fleet.follow()
        assert fleet.find("counter").version == "0.1.0"  # type: ignore[union-attr]


async def test_a_version_that_dies_too_often_gives_way_to_the_one_before(
    fleet: Fleet, tmp_path: Path, heard: Heard
) -> None:
    await fleet.install(counter(tmp_path, "0.1.0"))
    await fleet.install(counter(tmp_path, "0.2.0"))
    for _ in range(3):
        with pytest.raises(PluginCallError):
            await fleet.call("counter", "die")
    assert await fleet.call("counter", "read") == "0.1.0"
    event = await heard.until("plugin.reverted")
    assert isinstance(event, PluginReverted)
    assert event.to == "0.1.0"


async def test_what_dies_too_often_with_nothing_before_it_is_out_until_it_is_installed_anew(
    fleet: Fleet, tmp_path: Path, heard: Heard
) -> None:
    await fleet.install(counter(tmp_path, "0.1.0"))
    for _ in range(3):
        with pytest.raises((PluginCallError, PluginUnavailableError)):
            await fleet.call("counter", "die")
    with pytest.raises(PluginUnavailableError, match="does not serve: its process ended"):
        await fleet.call("counter", "read")
    await fleet.install(counter(tmp_path, "0.2.0"))
    assert await fleet.call("counter", "read") == "0.2.0"


async def test_a_plugin_that_hangs_is_noticed_at_the_first_call_that_is_not_answered(
    fleet: Fleet, tmp_path: Path, heard: Heard
) -> None:
    await fleet.install(counter(tmp_path, "0.1.0"))
    with pytest.raises(PluginCallError, match=r"no answer within 0\.2 s"):
        await fleet.call("counter", "hang", timeout=0.2)
    assert await fleet.call("counter", "read") == "0.1.0"
    assert "plugin.restarted" in heard.types()


async def test_what_others_install_is_loaded_beside_what_serves(
    fleet: Fleet, tmp_path: Path, store: Store, heard: Heard
) -> None:
    await fleet.install(counter(tmp_path, "0.1.0"))
    installed, _ = await store.add(counter(tmp_path, "0.2.0"))
    store.activate("counter", installed.version)
    await store.add(wheel(tmp_path / "wheels", "greeter", "1.0.0", GREETER))
    store.activate("greeter", "1.0.0")
    fleet.follow()
    assert await fleet.call("counter", "read") == "0.1.0"  # nobody waits
    await heard.until("plugin.installed", 3)
    assert await fleet.call("counter", "read") == "0.2.0"
    assert await fleet.call("greeter", "greet") == {"text": "hello world", "version": "1.0.0"}


async def test_what_others_removed_serves_no_more(fleet: Fleet, tmp_path: Path, store: Store, heard: Heard) -> None:
    await fleet.install(counter(tmp_path, "0.1.0"))
    slow = asyncio.create_task(fleet.call("counter", "count", {"number": 1, "wait": 0.3}))
    await asyncio.sleep(0)
    store.remove("counter")
    fleet.follow()
    await heard.until("plugin.removed")
    assert await slow == ["0.1.0", "1"]
    with pytest.raises(PluginUnavailableError):
        await fleet.call("counter", "read")


async def test_rolled_back_and_removed_by_hand(fleet: Fleet, tmp_path: Path, heard: Heard) -> None:
    await fleet.install(counter(tmp_path, "0.1.0"))
    with pytest.raises(UsageError, match="no earlier version"):
        await fleet.rollback("counter")
    await fleet.install(counter(tmp_path, "0.2.0"))
    assert (await fleet.rollback("counter", "it was slow")).version == "0.1.0"
    assert await fleet.call("counter", "read") == "0.1.0"
    await fleet.remove("counter", "no longer wanted")
    assert heard.types()[-2:] == ["plugin.reverted", "plugin.removed"]
    with pytest.raises(PluginUnavailableError):
        await fleet.call("counter", "read")
    assert fleet.store.names() == []


async def test_a_fleet_opens_what_is_installed_and_one_that_fails_hinders_nobody(
    store: Store, heard: Heard, tmp_path: Path
) -> None:
    for path in (counter(tmp_path, "0.1.0", fails="start"), wheel(tmp_path / "wheels", "greeter", "1.0.0", GREETER)):
        installed, _ = await store.add(path)
        store.activate(installed.name, installed.version)
    async with quick_fleet(store, heard) as fleet:
        failed = await fleet.open()
        assert list(failed) == ["counter"]
        assert [loaded.name for loaded in fleet.loaded()] == ["greeter"]
        assert fleet.store.current("counter") == "0.1.0"


async def test_tasks_are_done_when_they_are_due(store: Store, heard: Heard, tmp_path: Path) -> None:
    code = """
    from practicum.api.plugin import Plugin, PluginContext, task
    @task("every 1s")
    async def tick(context: PluginContext) -> None:
        \"\"\"Tick.\"\"\"
        context.log(f"tick in {context.run} at {context.now}")
    plugin = Plugin(name="ticker", version="VERSION", tasks=(tick,))
    """
    async with quick_fleet(store, heard, tasks=True, run="run-1") as fleet:
        await fleet.install(wheel(tmp_path / "wheels", "ticker", "0.1.0", code))
        async with asyncio.timeout(30):
            await heard.spoken.wait()
    assert heard.lines[0][1].startswith("tick in run-1 at 20")


async def test_a_folder_is_built_in_a_sandbox_and_installed(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "of the host")
    folder = tmp_path / "source"
    (folder / "greeter_plugin").mkdir(parents=True)
    (folder / "greeter_plugin" / "__init__.py").write_text(GREETER.replace("VERSION", "0.5.0"))
    (folder / "pyproject.toml").write_text("""
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "greeter-plugin"
version = "0.5.0"
[project.entry-points."practicum.plugins"]
greeter = "greeter_plugin:plugin"
[tool.hatch.build.hooks.custom]
""")
    (folder / "hatch_build.py").write_text(f"""
import os
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        assert "GITHUB_TOKEN" not in os.environ
        assert not os.path.exists({str(tmp_path)!r})
""")
    await fleet.install(folder)
    assert await fleet.call("greeter", "greet") == {"text": "hello world", "version": "0.5.0"}
    (folder / "hatch_build.py").write_text("raise RuntimeError('not today')")
    with pytest.raises(UsageError, match="not today"):
        await fleet.install(folder)
