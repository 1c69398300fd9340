"""A loaded plugin's components being called: the same in our process and inside the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from pydantic import JsonValue, ValidationError

from practicum.api.plugin import Check, Plugin, PluginContext, PluginError, Service
from practicum.plugins.host.description import Description, describe
from practicum.plugins.host.errors import PluginCallError

Contexts = Callable[[str, str, str], PluginContext]
"""Agent, run and the run's time to what a component is handed."""

_LONGEST_TEXT = 256 * 1024
"""Characters of what a provider says."""


class Components:
    """What one `Plugin` brings, ready to be called. Any failure of its code is a `PluginCallError`."""

    def __init__(self, plugin: Plugin, contexts: Contexts) -> None:
        """Make its services; none is started.

        Raises:
            PluginCallError: one cannot be made, or the plugin holds what no plugin holds.
        """
        self._plugin, self._contexts = plugin, contexts
        try:
            self._services: tuple[Service, ...] = tuple(make() for make in plugin.services)
            self.description: Description = describe(plugin, self._services)
        except Exception as error:  # the edge of the plugin's own code
            raise PluginCallError("broken", f"cannot be described: {_said(error)}") from error
        self._started: list[Service] = []
        self._actions = {action.name: action for action in plugin.actions}

    async def start(self, now: str) -> None:
        """Start its services in their order; when one fails, those before it are stopped again."""
        try:
            for service in self._services:
                self._started.append(service)
                await service.start(self._contexts("", "", now))
        except Exception as error:  # the edge of the plugin's own code
            failed = self._started[-1].name
            await self.stop()
            raise PluginCallError("failed", f"its service {failed} does not start: {_said(error)}") from error

    async def stop(self) -> list[str]:
        """Stop the services that were started, the last first; what went wrong, in words."""
        problems: list[str] = []
        while self._started:
            service = self._started.pop()
            try:
                await service.stop()
            except Exception as error:  # the edge of the plugin's own code
                problems.append(f"its service {service.name} does not stop: {_said(error)}")
        return problems

    async def health(self) -> str:
        """Empty when all services are well, else what is wrong."""
        said: list[str] = []
        for service in self._started:
            try:
                word = await service.health()
            except Exception as error:  # the edge of the plugin's own code
                word = _said(error)
            if word:
                said.append(f"{service.name}: {word}")
        return "; ".join(said)

    async def call(self, name: str, args: dict[str, JsonValue], *, agent: str, run: str, now: str) -> Any:
        """The action's result as its type writes JSON."""
        action = self._actions.get(name)
        if action is None:
            raise _unknown(self.description.name, "action", name, list(self._actions))
        try:
            arguments = action.arguments.model_validate(args)
        except ValidationError as error:
            raise PluginCallError("arguments", f"the arguments do not fit: {_problems(error)}") from error
        given = {field: getattr(arguments, field) for field in type(arguments).model_fields}
        try:
            value = await action.function(self._contexts(agent, run, now), **given)
            return action.result.dump_python(value, mode="json", warnings="error")
        except Exception as error:  # the edge of the plugin's own code
            raise _failure(name, error) from error

    async def provide(self, name: str, *, agent: str, run: str, now: str) -> str:
        """What a provider says."""
        found = next((item for item in self._plugin.providers if item.name == name), None)
        if found is None:
            raise _unknown(self.description.name, "provider", name, [item.name for item in self._plugin.providers])
        try:
            text: object = await found.function(self._contexts(agent, run, now))
        except Exception as error:  # the edge of the plugin's own code
            raise _failure(name, error) from error
        if not isinstance(text, str):
            raise PluginCallError("broken", f"{name} gave {type(text).__name__}; a provider gives text")
        if len(text) > _LONGEST_TEXT:
            raise PluginCallError("too_large", f"{name} gave {len(text)} characters, at most {_LONGEST_TEXT} are taken")
        return text

    async def evaluate(self, name: str, value: JsonValue, *, agent: str, run: str, now: str) -> Check:
        """What an evaluator says of a value."""
        found = next((item for item in self._plugin.evaluators if item.name == name), None)
        if found is None:
            raise _unknown(self.description.name, "evaluator", name, [item.name for item in self._plugin.evaluators])
        try:
            check: object = await found.function(self._contexts(agent, run, now), value)
        except Exception as error:  # the edge of the plugin's own code
            raise _failure(name, error) from error
        if not isinstance(check, Check):
            raise PluginCallError("broken", f"{name} gave {type(check).__name__}; an evaluator gives Check")
        return check

    async def run_task(self, name: str, *, run: str, now: str) -> None:
        """Do a task once."""
        found = next((item for item in self._plugin.tasks if item.name == name), None)
        if found is None:
            raise _unknown(self.description.name, "task", name, [item.name for item in self._plugin.tasks])
        try:
            await found.function(self._contexts("", run, now))
        except Exception as error:  # the edge of the plugin's own code
            raise _failure(name, error) from error


def _failure(name: str, error: Exception) -> PluginCallError:
    if isinstance(error, PluginError):
        return PluginCallError("failed", str(error) or f"{name} failed")
    if isinstance(error, PluginCallError):
        return error
    return PluginCallError("broken", f"{name}: {_said(error)}")


def _unknown(plugin: str, kind: str, name: str, known: list[str]) -> PluginCallError:
    there = f"there are: {', '.join(known)}" if known else f"it has no {kind} at all"
    return PluginCallError("unknown", f"{plugin} has no {kind} {name!r}; {there}")


def _said(error: BaseException) -> str:
    if isinstance(error, PluginError):
        return str(error)
    if isinstance(error, asyncio.TimeoutError):
        return "timed out"
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _problems(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}" for item in error.errors())
