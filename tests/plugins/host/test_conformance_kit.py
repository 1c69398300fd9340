"""The kit says what is wrong with a plugin, and nothing of a good one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from practicum.api.plugin import (
    Check,
    Plugin,
    PluginContext,
    PluginError,
    Variable,
    action,
    evaluator,
    provider,
    task,
)
from practicum.plugins.testing import check_plugin, conformance


@action(effect="read")
async def divide(context: PluginContext, a: float, b: float = 1.0) -> float:
    """Divide a by b."""
    if b == 0:
        raise PluginError("nothing is divided by zero")
    return a / b


@provider()
async def mood(context: PluginContext) -> str:
    """How it is going."""
    return f"fine, {context.environment['WHO']}"


@evaluator()
async def even(context: PluginContext, value: Any) -> Check:
    """Is it even?"""
    return Check(value % 2 == 0, str(value))


@task("0 8 * * 1-5")
async def morning(context: PluginContext) -> None:
    """Every working day."""


class Counter:
    """Counts."""

    name = "counter"

    def __init__(self) -> None:
        self.running = False

    async def start(self, context: PluginContext) -> None:
        self.running = True

    async def stop(self) -> None:
        self.running = False

    async def health(self) -> str:
        return "" if self.running else "it stands still"


GOOD = Plugin(
    name="good", version="1.0.0", description="Good.", actions=(divide,), providers=(mood,), evaluators=(even,),
    tasks=(morning,), services=(Counter,), environment=(Variable("WHO", "Whom to greet", required=True),),
)  # fmt: skip
GIVEN: dict[str, Any] = {
    "environment": {"WHO": "you"},
    "examples": {"divide": [{"a": 1, "b": 2}, {"a": 1, "b": 0}], "even": [{"value": 3}]},
}


async def test_nothing_is_wrong_with_a_good_plugin() -> None:
    await conformance(GOOD, **GIVEN)


async def says(plugin: Plugin, *words: str, **given: Any) -> None:
    wrong = await check_plugin(plugin, **{**GIVEN, **given})
    for word in words:
        assert any(word in item for item in wrong), (word, wrong)
    with pytest.raises(AssertionError, match="is no good plugin"):
        await conformance(plugin, **{**GIVEN, **given})


async def test_names_descriptions_and_declarations_are_looked_at() -> None:
    bad = replace(
        GOOD, name="Bad Name", version="1", description="", actions=(replace(divide, description=""), divide),
        environment=(Variable("lower"), *GOOD.environment), hosts=("api.test",),
    )  # fmt: skip
    await says(
        bad, "the plugin's name: a plugin's name is lower-case", "the version: a version is three numbers",
        "has no description", "two actions are called 'divide'", "the variable 'lower': a variable's name is upper",
        "does not declare the capability net",
    )  # fmt: skip
    await says(GOOD, "the variable WHO is required", environment={})
    await says(Plugin("empty", "1.0.0", "Nothing."), "it brings nothing", environment={}, examples={})


async def test_examples_are_called_and_must_fit() -> None:
    await says(GOOD, "the example does not fit its arguments", examples={"divide": [{"a": "x"}]})
    await says(GOOD, "no such action or evaluator", examples={"multiply": [{}]})

    @action()
    async def broken(context: PluginContext) -> int:
        """Says int, gives text."""
        return "text"  # type: ignore[return-value]

    @action()
    async def raises(context: PluginContext) -> int:
        """Has a bug."""
        return {}["x"]  # type: ignore[no-any-return]

    await says(
        replace(GOOD, actions=(divide, broken, raises)), "what its return annotation does not say", "KeyError: 'x'"
    )


async def test_what_components_give_back_is_looked_at() -> None:
    async def number(context: PluginContext) -> Any:
        return 3

    async def yes(context: PluginContext, value: Any) -> Any:
        return True

    def at_once(context: PluginContext) -> Any:
        return "text"

    bad = replace(
        GOOD, providers=(replace(mood, function=number), replace(mood, name="other", function=at_once)),
        evaluators=(replace(even, function=yes),), tasks=(replace(morning, schedule="0 25 * * *"),),
    )  # fmt: skip
    await says(
        bad, "the provider mood gave int, not text", "it is not an async function",
        "the evaluator even gave bool, not Check", "'0 25 * * *' is not a schedule",
    )  # fmt: skip


async def test_services_are_started_and_stopped_twice() -> None:
    class Once(Counter):
        """Starts once."""

        starts = 0

        async def start(self, context: PluginContext) -> None:
            self.starts += 1
            if self.starts > 1:
                raise PluginError("it has been started before")

        async def stop(self) -> None:
            if not self.starts:
                raise RuntimeError("it was never started")

    await says(
        replace(GOOD, services=(Once,)), "stopped without having been started failed: RuntimeError",
        "started for the second time failed: it has been started before", "is not well after its start",
    )  # fmt: skip
