"""Tools: everything that acts is a typed function with a description and a declared effect."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, ParamSpec, Protocol, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model

Effect = Literal["read", "idempotent", "once"]
"""`read` changes nothing; `idempotent` may be repeated; `once` must never be done twice."""

P = ParamSpec("P")
R = TypeVar("R")


class ToolError(Exception):
    """A tool's honest failure: shown to the model as the result, the run goes on."""


@dataclass(frozen=True)
class Tool(Generic[R]):
    """A function that a model may ask for."""

    name: str
    description: str
    effect: Effect
    function: Callable[..., Awaitable[R]]
    """Its first parameter is the tool context, the rest are the arguments the model gives."""
    arguments: type[BaseModel]
    result: TypeAdapter[R]

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments, as vendors want it: an object, no additional properties."""
        return self.arguments.model_json_schema()


class ToolDecorator(Protocol):
    """What `tool(...)` returns."""

    def __call__(self, function: Callable[..., Awaitable[R]], /) -> Tool[R]: ...


def tool(*, effect: Effect, name: str | None = None) -> ToolDecorator:
    """Make an async function a tool.

    The docstring is the description; every parameter but the first (the context) becomes an argument, with its
    annotation as the type (use `Annotated[..., Field(description=...)]` for a description). The return annotation is
    the type of the result: a pydantic model, a dataclass or a plain JSON type.
    """

    def wrap(function: Callable[..., Awaitable[R]]) -> Tool[R]:
        hints = get_type_hints(function, include_extras=True)
        fields: dict[str, Any] = {}
        for index, (parameter, spec) in enumerate(inspect.signature(function).parameters.items()):
            if index == 0:
                continue
            default = ... if spec.default is inspect.Parameter.empty else spec.default
            fields[parameter] = (hints[parameter], default)
        tool_name = name or function.__name__
        arguments: type[BaseModel] = create_model(
            f"{tool_name}_arguments", __config__=ConfigDict(extra="forbid"), **fields
        )
        return Tool(
            name=tool_name,
            description=inspect.cleandoc(function.__doc__ or ""),
            effect=effect,
            function=function,
            arguments=arguments,
            result=TypeAdapter(hints.get("return", type(None))),
        )

    return wrap
