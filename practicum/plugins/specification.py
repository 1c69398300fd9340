"""What a plugin is to be: the file that `practicum plugin create` takes."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

_NAME = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
_WORD = re.compile(r"^[a-z][a-z0-9_]*$")
_VARIABLE = re.compile(r"^[A-Z][A-Z0-9_]*$")
_VERSION = re.compile(r"^\d+\.\d+\.\d+((a|b|rc)\d+)?$")


def _checked(pattern: re.Pattern[str], what: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.match(value) or len(value) > 60:
            raise ValueError(what)
        return value

    return AfterValidator(check)


PluginName = Annotated[
    str, _checked(_NAME, "a plugin's name is lower-case words joined by '-', such as unit-converter")
]
Word = Annotated[str, _checked(_WORD, "a name is lower-case letters, digits and '_', such as convert_length")]
VariableName = Annotated[str, _checked(_VARIABLE, "a variable's name is upper case, such as API_TOKEN")]
Version = Annotated[str, _checked(_VERSION, "a version is three numbers, such as 0.1.0")]

Type = Literal["string", "integer", "number", "boolean", "array", "object"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Parameter(_Part):
    """An argument of an action."""

    name: Word
    type: Type = "string"
    description: str = ""
    required: bool = True
    """Left out: true, unless there is a default."""
    default: JsonValue = None
    choices: tuple[JsonValue, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _default_is_given_in_its_place(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("default") is not None:
            return {"required": False, **value}
        return value

    @model_validator(mode="after")
    def _default_fits(self) -> Parameter:
        if self.default is not None and self.required:
            raise ValueError("what has a default is not required")
        if self.default is not None and self.choices and self.default not in self.choices:
            raise ValueError(f"the default {self.default!r} is not among the choices")
        return self


class Example(_Part):
    """A call and what must come of it. Examples are the tests that decide."""

    input: dict[str, JsonValue] = {}
    output: JsonValue = None
    error: str = ""
    """Instead of `output`: the call fails, and its message holds this."""


class ActionSpec(_Part):
    """An action."""

    name: Word
    description: str = Field(min_length=1)
    parameters: tuple[Parameter, ...] = ()
    returns: Type = "object"
    effect: Literal["read", "idempotent", "once"] = "idempotent"
    examples: tuple[Example, ...] = ()
    formula: str = ""
    """An expression over the parameters that is the result, such as `celsius * 9 / 5 + 32`."""


class ProviderSpec(_Part):
    """A provider of context."""

    name: Word
    description: str = Field(min_length=1)
    text: str = ""
    """What it says, when that is fixed; `{config.KEY}` and `{now}` are filled in."""


class ServiceSpec(_Part):
    """A long-lived service."""

    name: Word
    description: str = Field(min_length=1)
    keeps: str = ""
    """`counter`, `cache` or `queue`: what it holds, when it is one of these."""


class EvaluatorSpec(_Part):
    """An evaluator."""

    name: Word
    description: str = Field(min_length=1)
    examples: tuple[Example, ...] = ()
    """`input.value` is what it looks at, `output` is true or false."""
    pattern: str = ""
    """A regular expression that good values fit."""


class TaskSpec(_Part):
    """A scheduled task."""

    name: Word
    description: str = Field(min_length=1)
    schedule: str = Field(min_length=1)
    calls: str = ""
    """The action that it calls, without arguments."""


class VariableSpec(_Part):
    """An environment variable."""

    name: VariableName
    description: str = ""
    required: bool = False
    sensitive: bool = False


class PluginSpecification(_Part):
    """The whole file."""

    name: PluginName
    version: Version = "0.1.0"
    description: str = Field(min_length=1)
    actions: tuple[ActionSpec, ...] = ()
    providers: tuple[ProviderSpec, ...] = ()
    services: tuple[ServiceSpec, ...] = ()
    evaluators: tuple[EvaluatorSpec, ...] = ()
    tasks: tuple[TaskSpec, ...] = ()
    dependencies: tuple[str, ...] = ()
    """Requirements as for pip, such as `python-dateutil>=2.9`."""
    environment: tuple[VariableSpec, ...] = ()
    capabilities: tuple[Literal["net", "fs", "env", "subprocess", "secrets"], ...] = ()
    hosts: tuple[str, ...] = ()
    toolchain: Literal["python", "typescript"] = "python"

    @model_validator(mode="after")
    def _says_something_once(self) -> PluginSpecification:
        named: dict[str, list[str]] = {
            kind: [item.name for item in getattr(self, kind)]
            for kind in ("actions", "providers", "services", "evaluators", "tasks", "environment")
        }
        if not any(names for kind, names in named.items() if kind != "environment"):
            raise ValueError("a plugin needs at least one action, provider, service, evaluator or task")
        for kind, names in named.items():
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"{kind}: {twice!r} stands here twice")
        actions = set(named["actions"])
        for item in self.tasks:
            if item.calls and item.calls not in actions:
                raise ValueError(f"tasks: {item.name}: there is no action {item.calls!r}")
            called = next((action for action in self.actions if action.name == item.calls), None)
            wants = [one.name for one in called.parameters if one.required and one.default is None] if called else []
            if wants:
                raise ValueError(f"tasks: {item.name}: {item.calls} wants {', '.join(wants)}, and a task gives nothing")
        return self

    @property
    def package(self) -> str:
        """The Python package that it becomes: `unit-converter` is `unit_converter_plugin`."""
        return f"{self.name.replace('-', '_')}_plugin"

    def declared(self) -> list[tuple[str, str]]:
        """Every component as (kind, name): `("action", "convert_length")`."""
        kinds: dict[str, Any] = {
            "action": self.actions,
            "provider": self.providers,
            "service": self.services,
            "evaluator": self.evaluators,
            "task": self.tasks,
        }
        return [(kind, item.name) for kind, items in kinds.items() for item in items]
