"""A model writes a plugin: asked through the gateway, shown what was wrong, reviewed; its key is nowhere."""

from __future__ import annotations

import asyncio
import json

import pytest
from practicum_command import Practicum

from practicum.models.testing import Conversation, ModelServer, Reply

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(150)]

SPEC = """
name: doubler
description: Doubles numbers.
actions:
  - name: double
    description: Twice the number.
    parameters: [{name: number, type: integer}]
    returns: integer
    effect: read
    examples: [{input: {number: 2}, output: 4}, {input: {number: 5}, output: 10}]
"""

CODE = '''"""Doubles numbers."""

from practicum.api.plugin import Plugin, PluginContext, action


@action(effect="read")
async def double(context: PluginContext, number: int) -> int:
    """Twice the number."""
    return RESULT


plugin = Plugin(name="doubler", version="0.1.0", description="Doubles numbers.", actions=(double,))
'''


def answer(result: str) -> str:
    return f"Here it is.\n\nsrc/doubler_plugin/__init__.py\n```python\n{CODE.replace('RESULT', result)}```\n"


async def test_a_model_writes_a_plugin_and_mends_it(practicum: Practicum) -> None:
    turns = [answer("number + 2"), answer("number * 2")]
    prompts: list[str] = []

    async def policy(conversation: Conversation) -> Reply:
        if conversation.system.startswith("You review"):
            return Reply(text=json.dumps({"score": 9, "production_ready": True, "issues": [], "suggestions": []}))
        prompts.append(conversation.news)
        return Reply(text=turns.pop(0))

    (practicum.cwd / "doubler.yaml").write_text(SPEC)
    arguments = ["plugin", "create", "doubler.yaml", "--install", "--json", "--model", "anthropic/claude-sonnet-4-5"]
    async with ModelServer(policy) as server:
        shell = {"ANTHROPIC_API_KEY": server.api_key, "ANTHROPIC_BASE_URL": server.anthropic_url}
        done = await asyncio.to_thread(practicum, *arguments, env=shell, timeout=140)
        assert server.api_key not in done.stdout + done.stderr
        kept = [path for path in practicum.home.rglob("*") if path.is_file()]
        assert not [path for path in kept if server.api_key.encode() in path.read_bytes()]
    assert done.returncode == 0, done.stdout + done.stderr
    job = json.loads(done.stdout)
    assert (job["state"], job["iteration"], job["source"]) == ("succeeded", 2, "model")
    assert job["checks"]["model_review"] == "passed"
    assert job["cost_usd"] > 0
    assert "number + 2" in prompts[1]
    assert "10" in prompts[1]
    shown = practicum("plugin", "status", "last")
    assert "Written by a model" in shown.stdout
    assert "number + 2" in practicum("plugin", "logs", "last", "--iteration", "1", "--part", "answer").stdout
