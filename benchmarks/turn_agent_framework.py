"""The peer of `turn`: Microsoft Agent Framework with a model that answers at once. It records nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from agent_framework import Agent, BaseChatClient, ChatResponse, Content, FunctionInvocationLayer, Message


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


class Scripted(FunctionInvocationLayer, BaseChatClient):
    """Asks for one call, then answers."""

    def _inner_get_response(
        self, *, messages: Sequence[Message], stream: bool, options: Mapping[str, Any], **kwargs: Any
    ) -> Any:
        async def respond() -> ChatResponse:
            if messages[-1].role == "tool":
                return ChatResponse(messages=[Message(role="assistant", contents=["the sum is known"])])
            call = Content.from_function_call("call-1", "add", arguments={"a": 1, "b": 2})
            return ChatResponse(messages=[Message(role="assistant", contents=[call])])

        return respond()


async def turns(count: int) -> float:
    """Milliseconds a turn, over `count` turns one after the other."""
    agent = Agent(client=Scripted(), name="agent-a", instructions="You add.", tools=[add])
    answer = await agent.run("add, please")
    if "sum" not in answer.text or len(answer.messages) < 3:
        raise RuntimeError("the peer did not call its tool")
    begin = time.perf_counter()
    for _ in range(count):
        await agent.run("add, please")
    return (time.perf_counter() - begin) / count * 1000
