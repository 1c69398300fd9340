from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from practicum.api.model import Model, ModelRequest, ToolSpec, UserMessage
from practicum.models.anthropic import AnthropicModel
from practicum.models.openai import OpenAIModel
from practicum.models.retry import Patience
from practicum.models.testing import ModelServer, Policy

READ_FILE = ToolSpec(
    "read_file",
    "Read a file.",
    {
        "type": "object",
        "properties": {"path": {"type": "string"}},
        "required": ["path"],
        "additionalProperties": False,
    },
)
DEPLOY = ToolSpec("deploy", "Deploy a version.", {"type": "object", "properties": {"version": {"type": "string"}}})
TOOLS = (READ_FILE, DEPLOY)

QUICK = Patience(deadline_s=20.0, attempts=3, first_wait_s=0.01, longest_wait_s=0.05)

Opened = tuple[ModelServer, Model]


def request(*messages: Any, tools: tuple[ToolSpec, ...] = TOOLS, **more: Any) -> ModelRequest:
    return ModelRequest(system="You are dev-1.", messages=messages or (UserMessage("Begin."),), tools=tools, **more)


def make_model(vendor: str, server: ModelServer, **options: Any) -> Model:
    settings: dict[str, Any] = {"api_key": server.api_key, "cause": lambda: "", "patience": QUICK, **options}
    if vendor == "anthropic":
        return AnthropicModel(settings.pop("name", "claude-sonnet-4-5"), base_url=server.anthropic_url, **settings)
    return OpenAIModel(settings.pop("name", "gpt-4o"), base_url=server.openai_url, **settings)


@contextlib.asynccontextmanager
async def opened(vendor: str, policy: Policy, **options: Any) -> AsyncIterator[Opened]:
    async with ModelServer(policy) as server:
        model = make_model(vendor, server, **options)
        try:
            yield server, model
        finally:
            await model.close()
