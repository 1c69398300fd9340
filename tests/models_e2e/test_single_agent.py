"""A scenario without a team: one general agent, told who it is, with the plugins that the file names."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from e2e_kit import MODEL, run_with, said, serving, shell
from practicum_command import Practicum

from practicum.models.testing import Answer, Call, Conversation, Reply

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.timeout(240)]

SCENARIO = """\
name: Summary
character: {name: Iris, instructions: Keep it short., temperature: 0, max_tokens: 500}
plugins:
  - {name: "@acme/plugin-x", version: 1.2.3, config: {units: metric}}
  - {name: "@acme/plugin-off", enabled: false}
setup: {virtual_fs: {report.txt: Sales rose by 12 %.}}
run:
  - input: Summarise report.txt in summary.md.
    evaluations: [{type: file_contains, path: summary.md, value: 12 %}, {type: string_contains, value: short}]
"""


async def summarise(asked: Conversation) -> Answer:
    match len(asked.exchanges):
        case 0:
            return Reply(calls=(Call("read_file", {"path": "report.txt"}),))
        case 1:
            return Reply(calls=(Call("write_file", {"path": "summary.md", "content": asked.exchanges[0][1].content}),))
        case _:
            return Reply(text="It is short.")


async def test_a_character_is_who_the_model_is_told_to_be(practicum: Practicum, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SCENARIO)
    async with serving(summarise) as server:
        done = await run_with(practicum, "openai", server, scenario="s.yaml")
    assert done.returncode == 0, said(done)
    first = server.seen[0].conversation
    assert first is not None
    assert "Your name is Iris." in first.system
    assert "Keep it short." in first.system
    assert (first.temperature, first.max_tokens) == (0, 500)
    assert {"read_file", "write_file", "run_command"} <= {tool.name for tool in first.tools}


async def test_plugins_of_the_scenario_reach_the_agent_with_version_and_configuration(
    practicum: Practicum, tmp_path: Path
) -> None:
    (tmp_path / "s.yaml").write_text(SCENARIO)
    async with serving(summarise) as server:
        env = {**shell("openai", server), "PRACTICUM_MODEL": f"openai/{MODEL}"}

        done = await asyncio.to_thread(practicum, "run", "s.yaml", env=env)
    assert done.returncode == 0, said(done)
    first = server.seen[0].conversation
    assert first is not None
    assert '- @acme/plugin-x 1.2.3: {"units":"metric"}' in first.system
    assert "plugin-off" not in first.system
