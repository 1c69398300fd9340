"""The scenario files from elsewhere that need a model run whole with one, and none passes by echo."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from e2e_kit import run_with, said, serving
from practicum_command import Practicum

from practicum.models.testing import Answer, Call, Conversation, Reply

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(240)]

COMPAT = Path(os.environ.get("PRACTICUM_COMPAT", Path(__file__).resolve().parents[3] / "shared" / "compat"))

if not (COMPAT / "EXPECTED.json").is_file():
    pytest.skip(f"no scenario files from elsewhere in {COMPAT}", allow_module_level=True)

NEED_A_MODEL = [
    item["file"] for item in json.loads((COMPAT / "EXPECTED.json").read_text()) if item.get("outcome") == "needs_model"
]


def judged(prompt: str) -> str:
    """An answer in whatever form the judge is asked for, always the best one."""
    form = prompt.rpartition("Answer with one JSON object of this form:\n")[2]
    found: dict[str, object] = {"reason": "It did."}
    if "JSON Schema" in form:
        return json.dumps({"judgment": "yes", "confidence": 0.9, "reasoning": "Clear.", "suggestions": "None."})
    if '"score"' in form:
        found["score"] = 0.95
    for key in ("answer", "judgment", "verdict", "satisfied", "fits"):
        if f'"{key}"' in form:
            found[key] = "yes"
    if '"capabilities"' in form:
        last = re.search(r'"(\d+)"(?!.*"\d+")', form)
        found["capabilities"] = {str(number): "yes" for number in range(1, int(last[1]) + 1 if last else 6)}
    return json.dumps(found)


async def able(asked: Conversation) -> Answer:
    if "You judge what happened" in asked.system:
        return Reply(text=judged("\n".join(message.text for message in asked.messages if message.role == "user")))
    if "decide one question" in asked.system:
        return Reply(text='{"score": 0.9, "reason": "There are steps."}')
    if "You play a person" in asked.system:
        return Reply(text="My name is Sarah. Thank you, that helps.")
    names = {tool.name for tool in asked.tools}
    if "knowledge_base_search" in names and not asked.exchanges:
        return Reply(calls=(Call("knowledge_base_search", {"input": {"query": "billing dispute"}}),))
    return Reply(
        text="I am sorry about that, Sarah. Here is your refund: follow these steps. It is about 3 open issues."
    )


@pytest.mark.parametrize("name", NEED_A_MODEL, ids=[name.partition(".")[0] for name in NEED_A_MODEL])
async def test_a_file_that_needs_a_model_comes_to_a_verdict_with_one(name: str, practicum: Practicum) -> None:
    async with serving(able) as server:
        done = await run_with(practicum, "openai", server, "--environment", "local", "--json", scenario=COMPAT / name)
    told = json.loads(done.stdout)
    assert told["outcome"] in ("passed", "failed", "inconclusive"), said(done)
    assert [item for item in told["evaluations"] if item["outcome"] == "error"] == [], said(done)
    assert all(step["ended"] != "failed" for step in told["steps"])
