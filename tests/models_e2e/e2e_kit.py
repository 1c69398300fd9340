"""Runs of `practicum` whose agents ask a model server of the test's own, through the proctor's gateway."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from practicum_command import Practicum

from practicum.agents.render import read_rendered
from practicum.models.script import Script, ScriptModel, load_scripts
from practicum.models.testing import Conversation, ModelPolicy, ModelServer, Policy

MINI = Path(__file__).parent / "mini"
"""A scenario of one agent that touches every service once."""

PAIR = Path(__file__).parent / "pair"
"""A lead and a developer, for work that a user brings along."""

MODEL = "test-model"
LISTED = {"anthropic": "claude-haiku-4-5", "openai": "gpt-4o-mini"}
"""Models whose price is known and low; an unlisted one counts as a dear one."""

KEYS = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}
ADDRESSES = {"anthropic": "ANTHROPIC_BASE_URL", "openai": "OPENAI_BASE_URL"}

_WHO = re.compile(r"You are (?P<name>\S+), (?P<role>\S+) of this team:\n(?P<team>(?:- .+\n?)+)")


def items(text: str) -> list[dict[str, Any]]:
    """The events that an agent was shown, out of the lines that it was shown them in."""
    return [read_rendered(line, run="0", agent="me").model_dump(mode="json") for line in text.splitlines()]


def scripted(team: Path) -> ModelPolicy:
    """The scripts of a team behind the wire, each chosen by what the system prompt says that the model is."""
    scripts = load_scripts(team)

    def make(conversation: Conversation) -> ScriptModel:
        told = _WHO.match(conversation.system)
        assert told is not None, conversation.system[:200]
        name, role = told["name"], told["role"]
        members = dict(line[2:].removesuffix(" (you)").split(": ") for line in told["team"].splitlines())
        chosen: Script = scripts.get(name) or scripts[role]
        return ScriptModel(chosen, me=name, role=role, team=members)

    return ModelPolicy(make, items=items)


@asynccontextmanager
async def serving(policy: Policy, **options: Any) -> AsyncIterator[ModelServer]:
    """A model server that knows `test-model` and `LISTED`; closes what a `ModelPolicy` keeps."""
    async with ModelServer(policy, models=(MODEL, *LISTED.values()), **options) as server:
        try:
            yield server
        finally:
            if isinstance(policy, ModelPolicy):
                await policy.close()


def shell(vendor: str, server: ModelServer) -> dict[str, str]:
    """What the user's shell holds: the key, and where the vendor is."""
    url = server.anthropic_url if vendor == "anthropic" else server.openai_url
    return {KEYS[vendor]: server.api_key, ADDRESSES[vendor]: url}


async def run_with(
    practicum: Practicum,
    vendor: str,
    server: ModelServer,
    *options: str,
    scenario: Path | str = MINI,
    env: dict[str, str] | None = None,
    timeout: float = 200,
    model: str = MODEL,
) -> subprocess.CompletedProcess[str]:
    """`practicum run` with every agent on a vendor's model; the server goes on serving meanwhile."""
    return await asyncio.to_thread(
        practicum, "run", str(scenario), "--model", f"*={vendor}/{model}", *options,
        timeout=timeout, env={**shell(vendor, server), **(env or {})},
    )  # fmt: skip


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Everything that a command wrote, for messages of failed assertions."""
    return f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
