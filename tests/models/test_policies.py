"""Plans and models behind the wire."""

from __future__ import annotations

import pytest
from model_kit import READ_FILE, opened, request

from practicum.api.model import AssistantMessage, ToolMessage, ToolResult, UserMessage
from practicum.api.tool import tool
from practicum.bus.event import make_event
from practicum.bus.events import MessagePosted
from practicum.errors import ModelError
from practicum.models.script.model import ScriptModel
from practicum.models.script.turn import Turn, script
from practicum.models.testing import Conversation, ModelPolicy, PlanFailedError, PlanTurn, PolicyError, ScriptedPolicy


async def test_a_plan_speaks_with_its_user_and_reads_failures(vendor: str) -> None:
    async def plan(turn: PlanTurn) -> str:
        first = turn.heard()
        answer = await turn.say(f"You said {first}. Which file?")
        found = await turn.attempt("read_file", path=answer)
        return f"{type(found).__name__} {turn.heard()}".strip()

    async with opened(vendor, ScriptedPolicy(plan)) as (_, model):
        one = await model.respond(request(UserMessage("Begin")))
        assert one.text == "You said Begin. Which file?"
        context = [UserMessage("Begin"), AssistantMessage(one.text), UserMessage("a.md")]
        two = await model.respond(request(*context))
        assert two.calls[0].args == {"path": "a.md"}
        context += [
            AssistantMessage("", two.calls),
            ToolMessage((ToolResult(two.calls[0].id, False, "no"),)),
            UserMessage("hurry"),
        ]
        assert (await model.respond(request(*context))).text == f"{PlanFailedError.__name__} hurry"


async def test_a_plan_that_is_not_deterministic_is_found_out(vendor: str) -> None:
    asked: list[int] = []

    async def plan(turn: PlanTurn) -> str:
        asked.append(1)
        await (turn.call("read_file", path="a") if len(asked) == 1 else turn.call("deploy", version="1"))
        return "never"

    with pytest.raises(PolicyError, match="where it called"):  # noqa: PT012 - it is raised on leaving
        async with opened(vendor, ScriptedPolicy(plan)) as (_, model):
            turn = await model.respond(request())
            results = ToolMessage((ToolResult(turn.calls[0].id, True, "x"),))
            with pytest.raises(ModelError):
                await model.respond(request(UserMessage("Begin."), AssistantMessage("", turn.calls), results))


@tool(effect="read", name="read_file")
async def read_file(context: object, path: str) -> str:
    """Read a file."""
    return path


def posted(text: str) -> str:
    data = MessagePosted(to="channel.dev", text=text)
    return make_event(data, run="01ABC", source="pm").to_json().decode()


async def test_the_script_of_a_role_decides_behind_the_wire_as_it_does_without(vendor: str) -> None:
    @script("reader")
    async def reader(turn: Turn) -> None:
        event = await turn.until(lambda one: one.type == "message.posted")
        one, two = await turn.gather(*([_pending(event.data.text)] * 2))  # type: ignore[attr-defined]
        turn.say(f"{one} {two}")

    def make(conversation: Conversation) -> ScriptModel:
        return ScriptModel(reader, me=conversation.system.split()[-1].strip("."), role="developer", team={})

    def items(text: str) -> list[dict[str, object]]:
        import json

        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    async with opened(vendor, ModelPolicy(make, items=items)) as (_, model):
        idle = await model.respond(request(UserMessage("Begin."), tools=(READ_FILE,)))
        assert idle.text.startswith("waiting for")
        context = [UserMessage("Begin."), AssistantMessage(idle.text), UserMessage(f"New:\n{posted('a.md')}")]
        asked = await model.respond(request(*context, tools=(READ_FILE,)))
        assert [call.args for call in asked.calls] == [{"path": "a.md"}] * 2
        context += [
            AssistantMessage(asked.text, asked.calls),
            ToolMessage(tuple(ToolResult(call.id, True, f"<{n}>") for n, call in enumerate(asked.calls))),
        ]
        assert (await model.respond(request(*context, tools=(READ_FILE,)))).text == "<0> <1>"


def _pending(path: str) -> object:
    from practicum.models.script.turn import Pending

    return Pending(read_file, {"path": path})
