"""The user's key: into the proctor, onto the vendor's requests, and nowhere else. The budget that bounds it."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from e2e_kit import ADDRESSES, KEYS, LISTED, MINI, MODEL, PAIR, run_with, said, scripted, serving, shell
from practicum_command import Practicum

from practicum.models.testing import Answer, Call, Conversation, Reply

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(240)]


def made_up() -> str:
    """A key with characters that an address must escape, so that each encoding is another text."""
    return f"key/{secrets.token_urlsafe(30)}+{secrets.token_hex(6)}="


def shapes(key: str) -> Iterator[bytes]:
    """A key as it is, in base64 at each of the three offsets, in hexadecimal, in an address."""
    yield key.encode()
    yield quote(key, safe="").encode()
    yield key.encode().hex().encode()
    for before in range(3):
        whole = base64.b64encode(b"x" * before + key.encode())
        yield whole[4:-4].rstrip(b"=")  # what does not depend on its neighbours
        yield whole[4:-4].rstrip(b"=").replace(b"+", b"-").replace(b"/", b"_")


def test_the_shapes_of_a_key_are_found() -> None:
    key = made_up()
    text = b"Authorization: Basic " + base64.b64encode(b"user:" + key.encode())
    assert any(shape in text for shape in shapes(key))


def places(key: str, *folders: Path) -> list[str]:
    """Files that hold the key in any shape."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    found = []
    for path in files:
        data = path.read_bytes()
        found += [str(path) for shape in shapes(key) if shape in data]
    return found


async def test_the_key_is_nowhere_an_agent_can_look(practicum: Practicum, vendor: str) -> None:
    key = made_up()
    inner = scripted(MINI / "teams/oracle.py")
    looked: dict[str, bytes] = {}

    async def policy(conversation: Conversation) -> Answer:
        if not looked and conversation.results:  # the run is in full swing: it waits for us
            looked.update(_processes(practicum.home))
        return await inner(conversation)

    async with serving(policy, api_key=key) as server:
        done = await run_with(practicum, vendor, server)
        await inner.close()
    assert done.returncode == 0, said(done)
    assert f"keys taken from the shell: {vendor}" in done.stdout
    run = practicum.last(done)
    assert "agent" in "".join(looked)
    for place, data in looked.items():
        assert not any(shape in data for shape in shapes(key)), place
    assert places(key, run.path, practicum.home) == []
    assert not any(shape in (done.stdout + done.stderr).encode() for shape in shapes(key))


def _processes(home: Path) -> dict[str, bytes]:
    """Arguments of every process below this test's command, environment of those that are not the user's or proctor."""
    found = {}
    for place in Path("/proc").iterdir():
        if not place.name.isdigit():
            continue
        try:
            arguments = (place / "cmdline").read_bytes()
            environment = (place / "environ").read_bytes()
        except OSError:
            continue
        kind = next(
            (name for name in (b"practicum.agents", b"practicum.world", b"nats-server") if name in arguments), b""
        )
        if kind:
            found[f"{kind.decode()} {place.name}"] = arguments + b"\0" + environment
        elif b"practicum.proctor" in arguments:
            found[f"arguments of the proctor {place.name}"] = arguments
    return found


async def verbose(conversation: Conversation) -> Answer:
    """Ten thousand tokens a turn, never twice the same."""
    text = f"{len(conversation.messages)} " + "so much to say " * 2700
    return Reply(calls=(Call("send_message", {"to": "all", "text": text}),))


async def test_a_run_stops_at_its_budget(practicum: Practicum, vendor: str) -> None:
    budget = 0.30 if vendor == "anthropic" else 0.04
    async with serving(verbose) as server:
        done = await run_with(practicum, vendor, server, "--cost", f"${budget}", model=LISTED[vendor])
        asked = len(server.seen)
    assert done.returncode == 3, said(done)
    assert f"at most ${budget}" in done.stdout
    run = practicum.last()
    verdict = run.verdict()
    assert verdict["outcome"] == "limit"
    assert f"the budget of ${budget} is used up" in verdict["reason"]
    assert f"the budget of ${budget} is used up" in done.stdout
    calls = [one for one in run.of("exchange.completed") if one.service == vendor]
    assert [bool(one.refused) for one in calls] == [False] * asked + [True]  # nobody tries again
    assert asked >= 2
    assert budget / 2 < verdict["agents"]["pm"]["cost_usd"] <= budget
    replayed = practicum("replay", "last")
    assert replayed.returncode == 0, said(replayed)


async def test_an_agent_without_money_of_its_own_leaves_and_the_run_goes_on(practicum: Practicum, vendor: str) -> None:
    """The developer's charter has three dollars; a model without a known price asks for more than that at once."""
    inner = scripted(PAIR / "teams/pair.py")
    brief = practicum.cwd / "brief.md"
    brief.write_text("Say moin")
    async with serving(inner) as server:
        models = ("--model", f"dev={vendor}/{MODEL}?max_tokens=50000", "--brief", str(brief))
        done = await run_with(practicum, vendor, server, *models, scenario=PAIR, model=LISTED[vendor])
    assert done.returncode == 3, said(done)
    run = practicum.last()
    verdict = run.verdict()
    assert verdict["outcome"] == "limit"
    assert "dev: " in verdict["reason"]
    assert "the budget of $3.00" in verdict["reason"]
    assert [(one.limit, one.of) for one in run.of("limit.reached")] == [("cost", "dev")]
    assert run.of("work.ended")[0].reason == "nothing more happens by itself"


async def test_a_question_that_may_cost_more_than_the_budget_is_not_asked(practicum: Practicum, vendor: str) -> None:
    async with serving(verbose) as server:
        done = await run_with(practicum, vendor, server, "--cost", "$0.01")
    assert done.returncode == 3, said(done)
    assert server.seen == []
    assert "the budget of $0.01" in practicum.last().verdict()["reason"]


async def test_without_a_word_the_budget_is_five_dollars(practicum: Practicum, vendor: str) -> None:
    async def brief(conversation: Conversation) -> Answer:
        return Reply(text="nothing to do")

    async with serving(brief) as server:
        done = await run_with(practicum, vendor, server)
    assert "model calls: at most $5" in done.stdout, said(done)
    assert f"the price of {vendor}/{MODEL} is not known" in done.stdout
    assert done.returncode == 1, said(done)  # nobody opened the issue


def test_a_missing_key_is_said_with_both_ways_to_give_it(practicum: Practicum, vendor: str) -> None:
    done = practicum("run", str(MINI), "--model", f"*={vendor}/{MODEL}")
    assert done.returncode == 3, said(done)
    assert f"practicum secrets set {vendor}" in done.stderr
    assert KEYS[vendor] in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_key_from_a_file_serves_and_the_shells_is_not_looked_at(practicum: Practicum, vendor: str) -> None:
    async with serving(scripted(MINI / "teams/oracle.py")) as server:
        env = shell(vendor, server)
        file = practicum.cwd / "keys.env"
        file.write_text(
            f"# of a test\nexport {KEYS[vendor]}='{env[KEYS[vendor]]}'\n{ADDRESSES[vendor]}={env[ADDRESSES[vendor]]}\n"
        )
        done = await asyncio.to_thread(
            practicum, "run", str(MINI), "--model", f"{vendor}/{MODEL}", "--env-file", str(file),
            env={KEYS[vendor]: "a-key-that-is-not-taken"},
        )  # fmt: skip
    assert done.returncode == 0, said(done)
    assert "keys taken from the shell" not in done.stdout


async def test_a_key_that_the_vendor_does_not_take_ends_as_infrastructure(practicum: Practicum, vendor: str) -> None:
    async with serving(scripted(MINI / "teams/oracle.py")) as server:
        done = await run_with(practicum, vendor, server, env={KEYS[vendor]: "a-wrong-key-altogether"})
    assert done.returncode == 3, said(done)
    verdict = practicum.last().verdict()
    assert verdict["outcome"] == "infrastructure"
    assert "401" in verdict["reason"]
    assert "a-wrong-key-altogether" not in done.stdout + done.stderr


def test_an_unknown_vendor_is_met_with_a_guess(practicum: Practicum) -> None:
    done = practicum("run", str(MINI), "--model", "*=antropic/claude")
    assert done.returncode == 2, said(done)
    assert 'did you mean "anthropic"' in done.stderr


def test_a_missing_sdk_is_named_with_the_line_that_installs_it(practicum: Practicum, vendor: str) -> None:
    (practicum.cwd / "sitecustomize.py").write_text(f"import sys\nsys.modules[{vendor!r}] = None\n")
    env = {"PYTHONPATH": str(practicum.cwd), KEYS[vendor]: made_up()}
    done = practicum("run", str(MINI), "--model", f"*={vendor}/{MODEL}", env=env)
    assert done.returncode == 2, said(done)
    assert f"pip install 'practicum[{vendor}]'" in done.stderr
    assert practicum.folders() == []  # nothing was started
