"""What is looked at, and what has failed because its moment never came."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from practicum.api.evaluator import Evidence, StepView, TurnView
from practicum.bus.events import Data
from practicum.runtime.looking import Looker
from practicum.runtime.places import RunFolder
from practicum.runtime.worldless import CodeEvidence
from practicum.scenarios.environments import open_workspace
from practicum.scenarios.loader import load_scenario

SCENARIO = """
name: two talks
run:
  - lang: bash
    code: echo ready
    evaluations: [{type: string_contains, value: ready}]
  - input: How are you?
    conversation:
      max_turns: 2
      turn_evaluations: [{type: string_contains, value: refunded}]
      final_evaluations: [{type: string_contains, value: goodbye}]
"""


async def looker_of(folder: Path) -> Looker:
    (folder / "s.yaml").write_text(SCENARIO)
    loaded = load_scenario(folder / "s.yaml")
    workspace = await open_workspace(
        loaded.scenario.environment, root=folder / "workspace", setup=loaded.scenario.setup, folder=folder
    )

    @asynccontextmanager
    async def gather(
        steps: Sequence[StepView], scope: StepView | None, turn: TurnView | None
    ) -> AsyncIterator[Evidence]:
        yield CodeEvidence(RunFolder(folder), (), workspace, steps, scope, turn)

    async def publish(data: Data) -> str:
        return "id"

    await workspace.close()
    return Looker(loaded, loaded.evaluators, gather, publish)


def talk(turns: tuple[TurnView, ...]) -> StepView:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    return StepView(1, "", "conversation", now, now, 1.0, text="goodbye", turns=turns)


async def test_turns_that_never_came_have_failed(tmp_path: Path) -> None:
    looker = await looker_of(tmp_path)
    await looker.missed("the outcome was declared")
    assert [(item.place, item.outcome) for item in looker.found] == [
        ("run[0].evaluations[0]", "failed"),
        ("run[1].conversation.turn_evaluations[0]", "failed"),
        ("run[1].conversation.final_evaluations[0]", "failed"),
    ]


async def test_turns_that_came_are_looked_at_once(tmp_path: Path) -> None:
    looker = await looker_of(tmp_path)
    turn = TurnView(1, "How are you?", "It is refunded.", 1.0)
    await looker.after_turn(talk((turn,)), turn)
    await looker.missed("the time is up")
    assert [(item.place, item.outcome) for item in looker.found] == [
        ("run[1].conversation.turn_evaluations[0]", "passed"),
        ("run[0].evaluations[0]", "failed"),
        ("run[1].conversation.final_evaluations[0]", "failed"),
    ]
