from __future__ import annotations

import json

import pytest
from model_kit import TOOLS

from practicum.api.model import (
    AssistantMessage,
    Message,
    ModelRequest,
    ModelTurn,
    ModelUsage,
    ToolMessage,
    ToolRequest,
    ToolResult,
    UserMessage,
)
from practicum.bus.event import Event, make_event
from practicum.bus.events import ModelAnswered, ModelRequested, Usage
from practicum.errors import DivergedError, ModelError, TrajectoryError, UsageError
from practicum.ids import new_event_id
from practicum.models.canonical import ContextDigest, digest_tools
from practicum.models.record import call_json, message_json, message_of, turn_of
from practicum.models.registry import open_model, parse_model

READING = (ToolRequest("c1", "read_file", {"path": "a"}),)
TURNS = (
    ModelTurn("Reading.", READING, "tools", ModelUsage(1, 2, 3, 4, 0.5), {"x": [1]}),
    ModelTurn("", (ToolRequest("c2", "deploy", {}, invalid="not JSON"),), "tools"),
    ModelTurn("Done."),
)


def conversation(file: str = "alpha") -> list[list[Message]]:
    """What the model was asked, request by request; identifiers are other ones each time."""
    messages: list[Message] = [UserMessage(f"{new_event_id()}: begin", ({"id": new_event_id()},))]
    asked = [list(messages)]
    for turn, result in zip(TURNS, (file, "not JSON"), strict=False):
        messages.append(AssistantMessage(turn.text, turn.calls, turn.opaque))
        messages.append(ToolMessage((ToolResult(turn.calls[0].id, not turn.calls[0].invalid, result),)))
        asked.append(list(messages))
    return asked


def recorded() -> list[Event]:
    events, digest = [], ContextDigest()
    for number, (messages, turn) in enumerate(zip(conversation(), TURNS, strict=True), 1):
        asked = ModelRequested(
            turn=number,
            request=number,
            model="anthropic/x",
            new_messages=(),
            context_messages=len(messages),
            context_digest=digest.of(messages, TOOLS, "s"),
            tools_digest=digest_tools(TOOLS),
        )
        used = turn.usage
        answered = ModelAnswered(
            turn=number,
            request=number,
            text=turn.text,
            calls=tuple(call_json(call) for call in turn.calls),
            stop=turn.stop,
            usage=Usage(
                input_tokens=used.input_tokens,
                output_tokens=used.output_tokens,
                cache_read_tokens=used.cache_read_tokens,
                cache_write_tokens=used.cache_write_tokens,
                cost_usd=used.cost_usd,
            ),
            opaque=turn.opaque,
        )
        events += [make_event(data, run="01R", source="dev-1") for data in (asked, answered)]
        events.append(make_event(answered, run="01R", source="qa"))
    # As it comes from disk.
    return [Event.from_json(event.to_json()) for event in events]


async def test_a_replay_gives_the_recorded_turns_for_the_same_context() -> None:
    model = open_model(parse_model("replay/01R"), agent="dev-1", recorded=recorded())
    for messages, turn in zip(conversation(), TURNS, strict=True):
        assert await model.respond(ModelRequest("s", messages, TOOLS)) == turn
    with pytest.raises(DivergedError, match="once more than was recorded"):
        await model.respond(ModelRequest("s", conversation()[-1], TOOLS))
    await model.close()


async def test_a_replay_stops_where_the_context_is_another_one() -> None:
    model = open_model(parse_model("replay/01R"), agent="dev-1", recorded=recorded())
    first, second, _ = conversation(file="changed")
    await model.respond(ModelRequest("s", first, TOOLS))
    with pytest.raises(DivergedError, match="turn 2"):
        await model.respond(ModelRequest("s", second, TOOLS))


async def test_a_recorded_failure_fails_again() -> None:
    failed = ModelAnswered(turn=1, request=1, text="", calls=(), stop="end", error="overloaded")
    model = open_model(parse_model("replay/01R"), agent="qa", recorded=[make_event(failed, run="01R", source="qa")])
    with pytest.raises(ModelError, match="overloaded"):
        await model.respond(ModelRequest("s", [UserMessage("x")], TOOLS))


def test_a_record_without_the_agent_is_refused() -> None:
    with pytest.raises(UsageError, match="'pm'"):
        open_model(parse_model("replay/01R"), agent="pm", recorded=recorded())


def test_messages_survive_the_record() -> None:
    for message in conversation()[-1]:
        back = message_of(json.loads(json.dumps(message_json(message))))
        if isinstance(message, AssistantMessage):
            message = AssistantMessage(message.text, message.calls)
        assert back == message


@pytest.mark.parametrize("value", [{}, {"role": "robot"}, {"role": "user"}, {"role": "tool", "results": [1]}])
def test_what_is_no_message_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(TrajectoryError, match="not a message"):
        message_of(value)


def test_an_unknown_stop_is_refused() -> None:
    with pytest.raises(TrajectoryError, match="tired"):
        turn_of(ModelAnswered(turn=1, request=1, text="", calls=(), stop="tired"))
