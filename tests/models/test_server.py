"""The test model server through the official SDKs alone: it serves what the vendors serve and refuses the rest."""

from __future__ import annotations

from typing import Any

import anthropic
import openai
import pytest
from anthropic.types import Message as AnthropicMessage

from practicum.models.testing import Call, Conversation, Fault, ModelServer, PolicyError, Reply

TOOL = {
    "name": "add",
    "description": "Add.",
    "input_schema": {"type": "object", "properties": {"a": {"type": "integer"}}},
}
FUNCTION = {"type": "function", "function": {"name": "add", "parameters": TOOL["input_schema"]}}

USE = {"type": "tool_use", "id": "t1", "name": "add", "input": {"a": 1}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "2"}
SAY = {"type": "text", "text": "hi"}


async def policy(conversation: Conversation) -> Reply:
    if conversation.tools and not conversation.exchanges:
        return Reply(text="Adding.", calls=(Call("add", {"a": 1}), Call("add", {"a": 2})))
    return Reply(text=f"{[result.content for result in conversation.results]}")


def anthropic_client(server: ModelServer, **more: Any) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(
        **{"base_url": server.anthropic_url, "api_key": server.api_key, "max_retries": 0, **more}
    )


def openai_client(server: ModelServer, **more: Any) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(**{"base_url": server.openai_url, "api_key": server.api_key, "max_retries": 0, **more})


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


def assistant(*content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(content)}


def base(**more: Any) -> dict[str, Any]:
    body = {"model": "claude-sonnet-4-5", "max_tokens": 1000, "messages": [user(SAY)], "tools": [TOOL]}
    return {name: value for name, value in {**body, **more}.items() if value is not None}


def thought(**more: Any) -> dict[str, Any]:
    return {"type": "thinking", "thinking": "hm", "signature": "forged", **more}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (base(max_tokens=None), "max_tokens: Field required"),
        (base(max_tokens=0), "max_tokens"),
        (base(surprise=1), "surprise: Extra inputs are not permitted"),
        (base(messages=[]), "at least one message"),
        (base(messages=[assistant(SAY), user(SAY)]), 'first message must use the "user" role'),
        (base(messages=[user(SAY), assistant(SAY)]), "must end with a user message"),
        (base(messages=[{"role": "system", "content": "x"}]), "role"),
        (base(messages=[user()]), "non-empty content"),
        (base(messages=[{"role": "user", "content": ""}]), "non-empty content"),
        (base(messages=[user({"type": "text", "text": ""})]), "text content blocks must be non-empty"),
        (base(messages=[user({"type": "text", "text": " \n"})]), "non-whitespace"),
        (base(messages=[user(SAY), assistant(USE), user(SAY)]), "without `tool_result` blocks immediately after: t1"),
        (
            base(messages=[user(SAY), assistant(USE), user(SAY, RESULT)]),
            "without `tool_result` blocks immediately after",
        ),
        (base(messages=[user(SAY), assistant(SAY), user(RESULT)]), "unexpected `tool_use_id`"),
        (base(messages=[user(SAY), assistant(USE), user(RESULT, RESULT)]), "single result"),
        (base(messages=[user(SAY), assistant(USE, USE), user(RESULT)]), "ids must be unique"),
        (base(messages=[user(SAY), assistant(USE), user(RESULT), assistant(USE), user(RESULT)]), "ids must be unique"),
        (base(messages=[user(SAY), assistant({**USE, "id": "a b"}), user(RESULT)]), "should match pattern"),
        (base(messages=[user(SAY), assistant({**USE, "input": "x"}), user(RESULT)]), "valid dictionary"),
        (base(messages=[user(SAY), assistant(USE), user({**RESULT, "content": "", "is_error": True})]), "is_error"),
        (base(messages=[user(SAY), assistant(USE), user(RESULT)], tools=None), "must define tools"),
        (base(messages=[user(USE)]), "Input tag 'tool_use'"),
        (base(messages=[user(SAY), assistant(thought()), user(SAY)]), "Invalid `signature`"),
        (base(tools=[TOOL, TOOL]), "unique"),
        (base(tools=[{**TOOL, "name": "a b"}]), "pattern"),
        (base(tools=[{**TOOL, "input_schema": {"type": "string"}}]), "input_schema"),
        (base(tools=[{**TOOL, "input_schema": {"type": "object", "required": "a"}}]), "JSON schema is invalid"),
        (base(temperature=1.5), "temperature"),
        (base(thinking={"type": "enabled", "budget_tokens": 100}), "1024"),
        (base(thinking={"type": "enabled", "budget_tokens": 2000}), "must be greater than"),
        (base(system=[{"type": "text", "text": ""}]), "system.0"),
        (base(messages=[user(*[{**SAY, "cache_control": {"type": "ephemeral"}}] * 5)]), "Found 5"),
    ],
)
async def test_anthropic_refuses(body: dict[str, Any], message: str) -> None:
    async with ModelServer(policy) as server, anthropic_client(server) as client:
        with pytest.raises(anthropic.BadRequestError) as caught:
            await client.post("/v1/messages", body=body, cast_to=AnthropicMessage)
        assert caught.value.type == "invalid_request_error"
        assert message in caught.value.message
        assert caught.value.request_id
        assert [one.status for one in server.seen] == [400]


CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
CHAT_USER = {"role": "user", "content": "hi"}
CHAT_CALLS = {"role": "assistant", "tool_calls": [CALL]}
CHAT_RESULT = {"role": "tool", "tool_call_id": "c1", "content": "2"}


def chat(*messages: Any, **more: Any) -> dict[str, Any]:
    body = {"model": "gpt-4o", "messages": list(messages) or [CHAT_USER], "tools": [FUNCTION], **more}
    return {name: value for name, value in body.items() if value is not None}


def function(**more: Any) -> list[dict[str, Any]]:
    return [{"type": "function", "function": {**FUNCTION["function"], **more}}]  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (chat(messages=None), "messages"),
        (chat(messages=[]), "empty array"),
        (chat(surprise=1), "Unrecognized request argument supplied: surprise"),
        (chat(CHAT_USER, CHAT_CALLS, CHAT_USER), "did not have response messages: c1"),
        (chat(CHAT_USER, CHAT_CALLS), "did not have response messages: c1"),
        (chat(CHAT_USER, CHAT_RESULT), "must be a response to a preceeding message"),
        (chat(CHAT_USER, CHAT_CALLS, CHAT_RESULT, CHAT_RESULT), "must be a response to a preceeding message"),
        (chat(CHAT_USER, {"role": "assistant", "tool_calls": [CALL, CALL]}, CHAT_RESULT), "Duplicate"),
        (chat(CHAT_USER, {"role": "assistant", "content": "x", "tool_calls": []}), "empty array"),
        (chat({"role": "user", "content": None}), "expected a string, got null"),
        (chat({"role": "user", "content": []}), "empty array"),
        (chat({"role": "robot", "content": "x"}), "Invalid value: 'robot'"),
        (chat(CHAT_USER, CHAT_CALLS, {"role": "tool", "content": "2"}), "tool_call_id"),
        (chat(tools=[]), "empty array"),
        (chat(tools=function(name="a b")), "pattern"),
        (chat(tools=function(parameters={"type": "object", "required": "a"})), "Invalid schema for function 'add'"),
        (chat(tools=function(strict=True)), "a strict one requires"),
        (chat(stream_options={"include_usage": True}), "only allowed when 'stream' is enabled"),
        (chat(max_tokens=0), "max_tokens"),
        (chat(temperature=3), "temperature"),
        (chat(model="o3", max_tokens=10), "Use 'max_completion_tokens' instead"),
        (chat(model="o3", temperature=0), "does not support"),
        (chat(reasoning_effort="low"), "reasoning_effort"),
    ],
)
async def test_openai_refuses(body: dict[str, Any], message: str) -> None:
    async with ModelServer(policy) as server, openai_client(server) as client:
        with pytest.raises(openai.BadRequestError) as caught:
            await client.post("/chat/completions", body=body, cast_to=openai.types.chat.ChatCompletion)
        assert message in caught.value.message
        assert caught.value.type == "invalid_request_error"


async def test_both_vendors_refuse_a_wrong_key_and_an_unknown_model_in_their_own_shape() -> None:
    async with ModelServer(policy) as server:
        async with anthropic_client(server, api_key="x") as client:
            with pytest.raises(anthropic.AuthenticationError, match="authentication_error"):
                await client.messages.create(**base())
        async with anthropic_client(server) as client:
            with pytest.raises(anthropic.NotFoundError, match="model: nobody"):
                await client.messages.create(**base(model="nobody"))
        async with openai_client(server, api_key="x") as other:
            with pytest.raises(openai.AuthenticationError) as wrong:
                await other.chat.completions.create(**chat())
            assert wrong.value.code == "invalid_api_key"
        async with openai_client(server) as other:
            with pytest.raises(openai.NotFoundError) as unknown:
                await other.chat.completions.create(**chat(model="nobody"))
            assert unknown.value.code == "model_not_found"


async def test_anthropic_answers_are_the_same_whole_and_streamed() -> None:
    async with ModelServer(policy) as server, anthropic_client(server) as client:
        whole = await client.messages.create(**base())
        async with client.messages.stream(**base()) as stream:
            streamed = await stream.get_final_message()
        assert [block.type for block in whole.content] == ["text", "tool_use", "tool_use"]
        assert whole.stop_reason == streamed.stop_reason == "tool_use"
        assert [block.to_dict() for block in whole.content] == [block.to_dict() for block in streamed.content]
        assert whole.usage.output_tokens == streamed.usage.output_tokens > 0


async def test_openai_answers_are_the_same_whole_and_streamed() -> None:
    async with ModelServer(policy) as server, openai_client(server) as client:
        schema = {**TOOL["input_schema"], "required": ["a"], "additionalProperties": False}  # type: ignore[dict-item]
        body = chat(tools=function(parameters=schema, strict=True))
        whole = await client.chat.completions.create(**body)
        async with client.chat.completions.stream(**body, stream_options={"include_usage": True}) as stream:
            streamed = await stream.get_final_completion()
        one, other = whole.choices[0], streamed.choices[0]
        assert one.finish_reason == other.finish_reason == "tool_calls"
        assert one.message.content == other.message.content == "Adding."
        calls = [
            [call.to_dict()["id"] for call in message.tool_calls or ()] for message in (one.message, other.message)
        ]
        assert calls[0] == calls[1]
        assert len(set(calls[0])) == 2
        assert streamed.usage is not None
        assert streamed.usage == whole.usage


async def test_usage_is_only_streamed_when_asked_for() -> None:
    async with ModelServer(policy) as server, openai_client(server) as client:
        stream = await client.chat.completions.create(**chat(), stream=True)
        assert [chunk async for chunk in stream if chunk.usage is not None] == []


async def test_models_are_listed_and_tokens_counted() -> None:
    async with ModelServer(policy, models=("m-1", "claude-sonnet-4-5")) as server:
        async with anthropic_client(server) as client:
            assert [model.id async for model in client.models.list()] == ["m-1", "claude-sonnet-4-5"]
            counted = await client.messages.count_tokens(model="claude-sonnet-4-5", messages=[user(SAY)])  # type: ignore[list-item]
            answer = await client.messages.create(**base(tools=None))
            assert counted.input_tokens == answer.usage.input_tokens
        async with openai_client(server) as other:
            assert [model.id async for model in other.models.list()] == ["m-1", "claude-sonnet-4-5"]


async def test_the_sdks_own_retries_see_the_vendors_headers() -> None:
    async with ModelServer(policy) as server:
        server.inject(Fault.rate_limited(0.2), Fault.overloaded())
        async with anthropic_client(server, max_retries=2) as client:
            await client.messages.create(**base())
        server.inject(Fault.rate_limited(0.2), Fault.overloaded())
        async with openai_client(server, max_retries=2) as other:
            await other.chat.completions.create(**chat())
        assert [one.status for one in server.seen] == [429, 529, 200, 429, 503, 200]
        for first, second in ((0, 1), (3, 4)):
            assert server.seen[second].at - server.seen[first].at >= 0.2


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(calls=(Call("add", {"a": "one"}),)), "breaks the schema of 'add'"),
        (Reply(calls=(Call("subtract"),)), "'subtract', which was not offered"),
        (Reply(), "nothing at all"),
        (Fault(), "must give it a status"),
    ],
)
async def test_a_policy_that_does_what_no_model_does_fails_the_test(reply: Reply | Fault, message: str) -> None:
    async def wrong(conversation: Conversation) -> Reply | Fault:
        return reply

    with pytest.raises(PolicyError, match=message):  # noqa: PT012 - it is raised on leaving
        async with ModelServer(wrong) as server, anthropic_client(server) as client:
            with pytest.raises(anthropic.BadRequestError):
                await client.messages.create(**base())


async def test_a_policy_that_raises_fails_the_test_with_its_own_error() -> None:
    async def wrong(conversation: Conversation) -> Reply:
        raise KeyError("oops")

    with pytest.raises(PolicyError, match="KeyError: 'oops'"):  # noqa: PT012 - it is raised on leaving
        async with ModelServer(wrong) as server, openai_client(server) as client:
            with pytest.raises(openai.BadRequestError):
                await client.chat.completions.create(**chat())
