"""The conformance kit: what every plugin must hold to, for authors to run in their own tests.

    from practicum.plugins.testing import conformance
    from weather_plugin import plugin

    async def test_it_is_a_good_plugin() -> None:
        await conformance(plugin, environment={"API_TOKEN": "for tests"}, examples={"forecast": [{"city": "Bern"}]})

It executes the plugin's code in the process that calls it.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from pydantic import JsonValue, TypeAdapter, ValidationError

from practicum.api.plugin import Check, Plugin, PluginContext, PluginError, Service
from practicum.errors import UsageError
from practicum.plugins.host.schedule import read_schedule
from practicum.plugins.specification import PluginName, VariableName, Version, Word

CALL_S = 30.0
"""Seconds for one call of any component."""

Examples = Mapping[str, Sequence[Mapping[str, JsonValue]]]
"""Action or evaluator to arguments to call it with; an evaluator's are `{"value": ...}`."""

_PARAMETER = re.compile(r"^[a-z][a-z0-9_]*$")


async def check_plugin(
    plugin: Plugin,
    *,
    examples: Examples | None = None,
    environment: Mapping[str, str] | None = None,
    config: Mapping[str, JsonValue] | None = None,
) -> list[str]:
    """What is wrong with a plugin, in words; empty when nothing is.

    Looks at names, descriptions, schemas, schedules and declarations; starts every service, twice over; calls every
    action and evaluator with each of its `examples`, every action that needs no argument, every provider and every
    task. An action may fail with `PluginError`: that is honest. `environment` holds the values of declared variables.
    """
    kit = _Kit(plugin, dict(environment or {}), dict(config or {}))
    kit.names()
    kit.declarations(environment or {})
    kit.schemas()
    kit.schedules()
    services = kit.services()
    await kit.start_and_stop(services)
    try:
        for service in services:
            await kit.attempt(f"service {service.name}", service.start, kit.context())
        for name, many in (examples or {}).items():
            kit.known(name)
            for args in many:
                await kit.example(name, dict(args))
        await kit.without_arguments(set(examples or {}))
        await kit.providers()
        await kit.tasks()
    finally:
        for service in reversed(services):
            await kit.attempt(f"service {service.name}", service.stop)
    return kit.wrong


async def conformance(
    plugin: Plugin,
    *,
    examples: Examples | None = None,
    environment: Mapping[str, str] | None = None,
    config: Mapping[str, JsonValue] | None = None,
) -> None:
    """Fail, as a test does, with all that is wrong with a plugin; see `check_plugin`.

    Raises:
        AssertionError: something is.
    """
    wrong = await check_plugin(plugin, examples=examples, environment=environment, config=config)
    if wrong:
        raise AssertionError("\n".join([f"{plugin.name} is no good plugin:", *(f"- {item}" for item in wrong)]))


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...


class _Kit:
    def __init__(self, plugin: Plugin, environment: dict[str, str], config: dict[str, JsonValue]) -> None:
        self._plugin, self._environment, self._config = plugin, environment, config
        self.wrong: list[str] = []

    def context(self) -> PluginContext:
        return PluginContext(
            plugin=self._plugin.name,
            config=dict(self._config),
            environment=dict(self._environment),
            agent="tester",
            run="conformance",
            now=datetime.now(UTC).isoformat(),
            log=lambda message: None,
        )

    def names(self) -> None:
        plugin = self._plugin
        self._fits(PluginName, plugin.name, "the plugin's name")
        self._fits(Version, plugin.version, "the version")
        if not plugin.description.strip():
            self.wrong.append("the plugin has no description")
        kinds: dict[str, Sequence[_Named]] = {
            "action": plugin.actions,
            "provider": plugin.providers,
            "evaluator": plugin.evaluators,
            "task": plugin.tasks,
        }
        if not any(kinds.values()) and not plugin.services:
            self.wrong.append("it brings nothing: no action, provider, service, evaluator or task")
        for kind, items in kinds.items():
            seen: set[str] = set()
            for item in items:
                self._fits(Word, item.name, f"the name of the {kind} {item.name!r}")
                if keyword.iskeyword(item.name):
                    self.wrong.append(f"the {kind} {item.name!r} is called as a word of Python's own")
                if item.name in seen:
                    self.wrong.append(f"two {kind}s are called {item.name!r}")
                seen.add(item.name)
                if not item.description.strip():
                    self.wrong.append(f"the {kind} {item.name} has no description: write a docstring")

    def declarations(self, given: Mapping[str, str]) -> None:
        plugin = self._plugin
        names = [variable.name for variable in plugin.environment]
        for variable in plugin.environment:
            self._fits(VariableName, variable.name, f"the variable {variable.name!r}")
            if not variable.description.strip():
                self.wrong.append(f"the variable {variable.name} has no description: nobody knows what to set")
            if variable.required and variable.name not in given:
                self.wrong.append(f"the variable {variable.name} is required; give the kit a value for it")
        self.wrong += [f"the variable {name} is declared twice" for name in {n for n in names if names.count(n) > 1}]
        self.wrong += [f"the variable {name} is not declared" for name in sorted(set(given) - set(names))]
        if plugin.hosts and "net" not in plugin.capabilities:
            self.wrong.append("it names hosts, and does not declare the capability net")
        if "net" in plugin.capabilities and not plugin.hosts:
            self.wrong.append("it declares the capability net, and names no hosts")

    def schemas(self) -> None:
        for action in self._plugin.actions:
            try:
                schema = action.schema()
                json.dumps(schema, allow_nan=False)
            except Exception as error:  # the edge of the plugin's own types
                self.wrong.append(f"the action {action.name} has no schema: {error}")
                continue
            if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
                self.wrong.append(f"the action {action.name} takes arguments that it does not name")
            for parameter in schema.get("properties", {}):
                if not _PARAMETER.match(parameter):
                    self.wrong.append(f"the action {action.name} has an argument {parameter!r}: lower case, please")

    def schedules(self) -> None:
        for task in self._plugin.tasks:
            try:
                read_schedule(task.schedule)
            except UsageError as error:
                self.wrong.append(f"the task {task.name}: {error.message}")

    def services(self) -> list[Service]:
        made: list[Service] = []
        for make in self._plugin.services:
            try:
                service = make()
                self._fits(Word, service.name, f"the name of the service {service.name!r}")
                made.append(service)
            except Exception as error:  # the edge of the plugin's own code
                self.wrong.append(f"a service cannot be made: {_said(error)}")
        for name in {service.name for service in made if [other.name for other in made].count(service.name) > 1}:
            self.wrong.append(f"two services are called {name!r}")
        return made

    async def start_and_stop(self, services: list[Service]) -> None:
        for service in services:
            what = f"the service {service.name}"
            await self.attempt(f"{what} stopped without having been started", service.stop)
            for time in ("first", "second"):
                await self.attempt(f"{what} started for the {time} time", service.start, self.context())
                said = await self.attempt(f"the health of {what}", service.health)
                if said is not None and not isinstance(said, str):
                    self.wrong.append(f"the health of {what} is {type(said).__name__}, not text")
                elif said:
                    self.wrong.append(f"{what} is not well after its start: {said}")
                await self.attempt(f"{what} stopped for the {time} time", service.stop)
            await self.attempt(f"{what} stopped twice", service.stop)

    def known(self, name: str) -> None:
        actions = {action.name for action in self._plugin.actions}
        if name not in actions | {evaluator.name for evaluator in self._plugin.evaluators}:
            self.wrong.append(f"there are examples for {name!r}, and no such action or evaluator")

    async def example(self, name: str, args: dict[str, JsonValue]) -> None:
        for action in self._plugin.actions:
            if action.name == name:
                await self._call(action, args)
        for evaluator in self._plugin.evaluators:
            if evaluator.name == name:
                value = args.get("value")
                check = await self.attempt(
                    f"the evaluator {name} of {value!r}", evaluator.function, self.context(), value
                )
                if check is not None and not isinstance(check, Check):
                    self.wrong.append(f"the evaluator {name} gave {type(check).__name__}, not Check")

    async def without_arguments(self, done: set[str]) -> None:
        for action in self._plugin.actions:
            needs = any(field.is_required() for field in action.arguments.model_fields.values())
            if action.name not in done and not needs and action.effect != "once":
                await self._call(action, {})

    async def providers(self) -> None:
        for provider in self._plugin.providers:
            text: object = await self.attempt(f"the provider {provider.name}", provider.function, self.context())
            if text is not None and not isinstance(text, str):
                self.wrong.append(f"the provider {provider.name} gave {type(text).__name__}, not text")

    async def tasks(self) -> None:
        for task in self._plugin.tasks:
            await self.attempt(f"the task {task.name}", task.function, self.context())

    async def _call(self, action: Any, args: dict[str, JsonValue]) -> None:
        what = f"the action {action.name} with {json.dumps(args)}"
        try:
            arguments = action.arguments.model_validate(args)
        except ValidationError as error:
            self.wrong.append(f"{what}: the example does not fit its arguments: {error.errors()[0]['msg']}")
            return
        given = {name: getattr(arguments, name) for name in type(arguments).model_fields}
        failed = len(self.wrong)
        value = await self.attempt(what, partial(action.function, self.context(), **given), honest=True)
        if len(self.wrong) > failed:
            return
        try:
            json.dumps(action.result.dump_python(value, mode="json", warnings="error"), allow_nan=False)
        except Exception as error:  # the edge of the plugin's own types
            self.wrong.append(f"{what} gave what its return annotation does not say: {error}")

    async def attempt(self, what: str, function: Callable[..., object], *args: Any, honest: bool = False) -> Any:
        """What comes of it; None when it failed, which is noted. With `honest`, `PluginError` is no failure."""
        try:
            async with asyncio.timeout(CALL_S):
                work = function(*args)
                if not inspect.isawaitable(work):
                    self.wrong.append(f"{what}: it is not an async function")
                    return None
                return await work
        except PluginError as error:
            if not honest:
                self.wrong.append(f"{what} failed: {error}")
        except TimeoutError:
            self.wrong.append(f"{what} took more than {CALL_S:g} s")
        except Exception as error:  # the edge of the plugin's own code
            self.wrong.append(f"{what} failed: {_said(error)}")
        return None

    def _fits(self, kind: Any, value: object, what: str) -> None:
        try:
            TypeAdapter(kind).validate_python(value, strict=True)
        except ValidationError as error:
            self.wrong.append(f"{what}: {error.errors()[0]['msg'].removeprefix('Value error, ')}")


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
