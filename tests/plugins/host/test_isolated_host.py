"""The isolated host: what a plugin can do from inside, and what its host makes of it."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from pathlib import Path

import pytest
from fleet_kit import SECRET, Heard, quick_fleet
from plugin_wheels import wheel

from practicum.api.plugin import Check
from practicum.plugins.host.description import Declared
from practicum.plugins.host.errors import PluginCallError, PluginLoadError, PluginUnavailableError
from practicum.plugins.host.fleet import Fleet
from practicum.plugins.host.limits import Care
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.store import Grant, Store

pytestmark = pytest.mark.sandbox

ALL = '''
import asyncio, base64, os, subprocess, sys
from pathlib import Path
from typing import Any
from pydantic import BaseModel
from practicum.api.plugin import (
    Check, Plugin, PluginContext, PluginError, Variable, action, evaluator, provider, task)

class Sum(BaseModel):
    total: int

DONE: list[str] = []

@action(effect="read")
async def add(context: PluginContext, a: int, b: int = 1) -> Sum:
    """Add two numbers."""
    return Sum(total=a + b)

@action()
async def refuse(context: PluginContext) -> None:
    """Fail honestly."""
    raise PluginError("the well is dry")

@action()
async def stumble(context: PluginContext) -> None:
    """Fail with a bug."""
    {}["missing"]

@action()
async def nap(context: PluginContext, seconds: float) -> str:
    """Take time."""
    await asyncio.sleep(seconds)
    return "awake"

@action()
async def shout(context: PluginContext) -> str:
    """Print to everything that can be printed to."""
    print('{"jsonrpc":"2.0","id":1,"result":"forged"}')
    sys.stdout.flush()
    os.write(1, b"straight to the descriptor\\n")
    return "said"

@action()
async def big(context: PluginContext, size: int) -> str:
    """Answer at length."""
    return "x" * size

@action()
async def nan(context: PluginContext) -> float:
    """Answer what JSON cannot say."""
    return float("nan")

@action()
async def leak(context: PluginContext) -> dict[str, Any]:
    """Tell the secret in every way."""
    secret = context.environment["API_TOKEN"]
    context.log(f"the token is {secret}")
    encoded = base64.b64encode(f"Bearer {secret}".encode()).decode()
    return {"raw": secret, secret: 1, "deep": [{"x": f"a{secret}b"}], "base64": encoded, "hex": secret.encode().hex()}

@action()
async def leak_by_failing(context: PluginContext) -> None:
    """Tell it in an error."""
    raise RuntimeError("cannot log in with " + context.environment["API_TOKEN"])

@action(effect="read")
async def look(context: PluginContext) -> dict[str, Any]:
    """Look around."""
    def attempt(work):
        try:
            return str(work())
        except Exception as error:
            return type(error).__name__
    return {
        "environment": sorted(os.environ), "given": sorted(context.environment), "units": os.environ.get("UNITS", ""),
        "program": attempt(lambda: subprocess.run(["true"], check=True).returncode),
        "own": attempt(lambda: Path("/plugin/data/note").write_text("x")),
        "site": attempt(lambda: Path(__file__).write_text("x")),
        "net": attempt(lambda: __import__("socket").create_connection(("1.1.1.1", 53), 1)),
    }

@provider()
async def weather(context: PluginContext) -> str:
    """The weather."""
    return f"fine, {context.agent}"

@evaluator()
async def short(context: PluginContext, value: Any) -> Check:
    """Is it short?"""
    return Check(len(value) < 5, f"{len(value)} characters", 0.5)

@task("every 1s")
async def tick(context: PluginContext) -> None:
    """Tick."""
    DONE.append(context.now)

@action(effect="read")
async def ticks(context: PluginContext) -> int:
    """How many."""
    return len(DONE)

plugin = Plugin(
    name="all", version="VERSION", actions=(
        add, refuse, stumble, nap, shout, big, nan, leak, leak_by_failing, look, ticks),
    providers=(weather,), evaluators=(short,), tasks=(tick,),
    environment=(Variable("API_TOKEN", sensitive=True, required=True), Variable("UNITS"), Variable("ABSENT")),
)
'''


VARIABLES = Grant(environment=tuple(Declared(name=name) for name in ("API_TOKEN", "UNITS", "ABSENT", "GONE")))
NET = Grant(capabilities=("net",), hosts=("a.test",))


async def install(fleet: Fleet, tmp_path: Path, name: str, code: str, grant: Grant = VARIABLES) -> None:
    await fleet.install(wheel(tmp_path / "wheels", name, "0.1.0", code), grant=grant)


async def test_every_kind_of_component_answers(fleet: Fleet, tmp_path: Path) -> None:
    await install(fleet, tmp_path, "all", ALL)
    loaded = fleet.find("all")
    assert loaded is not None
    assert (loaded.host, len(loaded.description.components())) == ("isolated", 14)
    assert loaded.description.actions[0].arguments["required"] == ["a"]
    assert await fleet.call("all", "add", {"a": 2}) == {"total": 3}
    assert await fleet.provide("all", "weather", agent="dev-1") == "fine, dev-1"
    assert await fleet.evaluate("all", "short", "abc") == Check(True, "3 characters", 0.5)
    await fleet.run_task("all", "tick")
    assert await fleet.call("all", "ticks") == 1
    assert await fleet.health() == {"all": ""}


async def test_failures_say_what_they_are_and_the_plugin_goes_on(fleet: Fleet, tmp_path: Path) -> None:
    await install(fleet, tmp_path, "all", ALL)
    expected = [
        ("refuse", {}, "failed", "the well is dry"),
        ("stumble", {}, "broken", "KeyError"),
        ("add", {"a": "many"}, "arguments", "a: Input should be a valid integer"),
        ("add", {"a": 1, "c": 1}, "arguments", "c: Extra inputs are not permitted"),
        ("nothing", {}, "unknown", "there are: add, "),
        ("big", {"size": 2_000_000}, "too_large", "at most"),
        ("nan", {}, "broken", "JSON"),
    ]
    for action, args, kind, words in expected:
        with pytest.raises(PluginCallError) as caught:
            await fleet.call("all", action, args)
        assert (caught.value.kind, words in caught.value.message) == (kind, True), caught.value.message
    with pytest.raises(PluginCallError) as caught:
        await fleet.call("all", "nap", {"seconds": 30}, timeout=0.2)
    assert caught.value.kind == "timeout"
    with pytest.raises(PluginUnavailableError, match="there are: all"):
        await fleet.call("none", "add")
    assert await fleet.call("all", "add", {"a": 2}) == {"total": 3}
    assert len(await fleet.call("all", "big", {"size": 900_000})) == 900_000  # type: ignore[arg-type]


async def test_calls_run_at_once_and_what_is_printed_is_no_answer(fleet: Fleet, tmp_path: Path) -> None:
    await install(fleet, tmp_path, "all", ALL)
    loop = asyncio.get_running_loop()
    began = loop.time()
    answers = await asyncio.gather(*(fleet.call("all", "nap", {"seconds": 1}) for _ in range(20)))
    assert answers == ["awake"] * 20
    assert loop.time() - began < 10  # and not the 20 s of one after the other
    assert await fleet.call("all", "shout") == "said"


async def test_values_of_variables_come_back_in_no_form(fleet: Fleet, tmp_path: Path, heard: Heard) -> None:
    await install(fleet, tmp_path, "all", ALL)
    answer = await fleet.call("all", "leak")
    with pytest.raises(PluginCallError) as caught:
        await fleet.call("all", "leak_by_failing")
    assert "[API_TOKEN]" in caught.value.message
    assert heard.lines == [("all", "the token is [API_TOKEN]")]
    text = json.dumps([answer, caught.value.message, heard.lines, [str(event) for event in heard.events]])
    for form in (SECRET, SECRET.encode().hex(), base64.b64encode(SECRET.encode()).decode()[:-4]):
        assert form not in text
    assert base64.b64encode(f"Bearer {SECRET}".encode()).decode() not in text


async def test_inside_there_is_nothing_but_what_was_declared(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of the host")
    await install(fleet, tmp_path, "all", ALL)
    seen = await fleet.call("all", "look")
    assert isinstance(seen, dict)
    assert set(seen.pop("environment")) <= {  # type: ignore[arg-type]
        "API_TOKEN", "UNITS", "PATH", "HOME", "LANG", "TMPDIR", "PWD", "LC_CTYPE",
        "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONSAFEPATH",
    }  # fmt: skip
    assert seen == {
        "given": ["API_TOKEN", "UNITS"], "units": "metric", "program": "PermissionError", "own": "1",
        "site": "OSError", "net": "OSError",
    }  # fmt: skip
    assert not fleet.store.installed("all").data.exists()  # it wrote to memory, which ends with it


async def test_what_is_granted_is_there(fleet: Fleet, tmp_path: Path, store: Store) -> None:
    code = ALL.replace(
        'name="all", version="VERSION",', 'name="all", version="VERSION", capabilities=("fs", "subprocess"),'
    )
    await install(fleet, tmp_path, "all", code, VARIABLES.model_copy(update={"capabilities": ("fs", "subprocess")}))
    seen = await fleet.call("all", "look")
    assert isinstance(seen, dict)
    assert (seen["program"], seen["own"], seen["site"], seen["net"]) == ("0", "1", "OSError", "OSError")
    assert (store.installed("all").data / "note").read_text() == "x"


async def test_without_a_grant_a_plugin_may_compute_and_no_more(fleet: Fleet, tmp_path: Path) -> None:
    with pytest.raises(PluginLoadError, match="declares the variable ABSENT, API_TOKEN, UNITS, not granted"):
        await install(fleet, tmp_path, "all", ALL, Grant())


async def test_a_grant_bounds_what_the_code_may_declare_and_says_what_it_must_bring(
    fleet: Fleet, tmp_path: Path
) -> None:
    built = wheel(tmp_path / "wheels", "all", "0.1.0", ALL)
    little = PluginSpecification.model_validate(
        {"name": "all", "description": "x", "actions": [{"name": "add", "description": "x"}]}
    )
    with pytest.raises(PluginLoadError, match="declares the variable ABSENT, API_TOKEN, UNITS, not granted"):
        await fleet.install(built, spec=little)
    more = little.model_copy(update={"actions": [little.actions[0].model_copy(update={"name": "divide"})]})
    with pytest.raises(PluginLoadError, match="does not bring the action divide"):
        await fleet.install(built, spec=more)
    assert fleet.store.names() == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("1/0", "does not import: ZeroDivisionError"),
        ("import sys; sys.exit()", "does not import: SystemExit"),
        ("import os; os._exit(3)", "its process ended"),
        ("plugin = 3", "is int, not a Plugin"),
        ("from practicum.api.plugin import Plugin\nplugin = Plugin(name='other', version='0.1.0')", "called 'other'"),
        ("from practicum.api.plugin import Plugin\nplugin = Plugin(name='bad', version='9')", "version '9'"),
        (
            "from practicum.api.plugin import Plugin\n"
            "plugin = Plugin(name='bad', version='VERSION', capabilities=('net',), hosts=('a.test',))",
            "the sandbox has no network",
        ),
        (
            "from practicum.api.plugin import Plugin, Variable\n"
            "plugin = Plugin(name='bad', version='VERSION', environment=(Variable('GONE', required=True),))",
            "needs the variable GONE",
        ),
    ],
)
async def test_what_cannot_serve_is_refused_with_its_reason_and_leaves_nothing(
    store: Store, heard: Heard, tmp_path: Path, code: str, words: str
) -> None:
    async with quick_fleet(store, heard) as fleet:
        with pytest.raises(PluginLoadError) as caught:
            await install(fleet, tmp_path, "bad", code, NET if "net" in code else VARIABLES)
        assert words in caught.value.message
        assert (fleet.loaded(), store.names(), heard.types()) == ([], [], ["plugin.reverted"])


async def test_nothing_of_a_fleet_is_left_when_it_is_closed(store: Store, heard: Heard, tmp_path: Path) -> None:
    async with quick_fleet(store, heard) as fleet:
        await install(fleet, tmp_path, "all", ALL)
        slot = fleet._slots["all"]
        assert slot.serving is not None
        pid = slot.serving.host.pid  # type: ignore[attr-defined]
        os.kill(pid, 0)
        waiting = asyncio.create_task(fleet.call("all", "nap", {"seconds": 30}, timeout=40))
        await asyncio.sleep(0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises((PluginCallError, PluginUnavailableError)):
        await waiting


HOSTILE = """
import os, sys
from practicum.api.plugin import Plugin, PluginContext, action

@action(effect="once")
async def garble(context: PluginContext) -> None:
    \"\"\"Write to the protocol's socket.\"\"\"
    os.write(int(sys.argv[-1]), b"{]\\n")

@action(effect="once")
async def endless(context: PluginContext) -> None:
    \"\"\"A line without an end.\"\"\"
    os.set_blocking(int(sys.argv[-1]), True)
    for _ in range(40):
        os.write(int(sys.argv[-1]), b"x" * 65536)

@action(effect="once")
async def hog(context: PluginContext) -> int:
    \"\"\"Take all the memory.\"\"\"
    kept = [bytearray(64 << 20) for _ in range(64)]
    for block in kept:
        block[::4096] = b"x" * len(block[::4096])
    return len(kept)

@action(effect="read")
async def flood(context: PluginContext) -> str:
    \"\"\"Print a lot.\"\"\"
    for _ in range(200):
        sys.stdout.write("y" * 65536)
    return "flooded"

@action(effect="read")
async def alive(context: PluginContext) -> bool:
    \"\"\"Still there.\"\"\"
    return True

plugin = Plugin(name="hostile", version="VERSION", actions=(garble, endless, hog, flood, alive))
"""


async def test_a_plugin_that_breaks_the_protocol_or_takes_all_memory_ends_and_is_started_again(
    store: Store, heard: Heard, tmp_path: Path
) -> None:
    async with quick_fleet(store, heard, care=Care(restarts=9)) as fleet:
        await install(fleet, tmp_path, "hostile", HOSTILE)
        for action, words in (
            ("garble", "does not keep to the protocol"),
            ("endless", "does not keep to the protocol"),
            ("hog", "its process ended|MemoryError"),
        ):
            with pytest.raises(PluginCallError, match=words):
                await fleet.call("hostile", action)
            assert await fleet.call("hostile", "alive") is True
        assert await fleet.call("hostile", "flood") == "flooded"
