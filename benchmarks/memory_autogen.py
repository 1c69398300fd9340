"""The peer of `memory`: autogen-core's runtime, in process. Apart, because its decorator reads real annotations."""

import time

from autogen_core import AgentId, MessageContext, RoutedAgent, SingleThreadedAgentRuntime, message_handler
from pydantic import BaseModel


class Ping(BaseModel):
    text: str


class Echo(RoutedAgent):
    def __init__(self) -> None:
        super().__init__("echo")

    @message_handler
    async def handle(self, message: Ping, ctx: MessageContext) -> Ping:
        return Ping(text=message.text)


async def round_trips(rounds: int, payload: str) -> float:
    """Round trips a second of `send_message`, each awaited."""
    runtime = SingleThreadedAgentRuntime()
    await Echo.register(runtime, "echo", Echo)
    runtime.start()
    there = AgentId("echo", "default")
    begin = time.perf_counter()
    for _ in range(rounds):
        await runtime.send_message(Ping(text=payload), there)
    figure = rounds / (time.perf_counter() - begin)
    await runtime.stop()
    return figure
