"""What a plugin brings, as data: how a host tells it to those who must not load its code."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from practicum.api.plugin import Capability, Plugin, Service
from practicum.api.tool import Effect


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Component(_Told):
    """A provider, a service or an evaluator."""

    name: str
    description: str = ""


class ActionDescription(Component):
    """An action."""

    effect: Effect
    arguments: dict[str, Any]
    """JSON Schema: an object without additional properties."""


class TaskDescription(Component):
    """A task."""

    schedule: str


class Declared(_Told):
    """A variable that the plugin reads."""

    name: str
    description: str = ""
    required: bool = False
    sensitive: bool = False


class Description(_Told):
    """A whole plugin."""

    name: str
    version: str
    description: str = ""
    actions: tuple[ActionDescription, ...] = ()
    providers: tuple[Component, ...] = ()
    services: tuple[Component, ...] = ()
    evaluators: tuple[Component, ...] = ()
    tasks: tuple[TaskDescription, ...] = ()
    environment: tuple[Declared, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    hosts: tuple[str, ...] = ()

    def components(self) -> list[tuple[str, str]]:
        """Every component as (kind, name), as `PluginSpecification.declared` has them: `("action", "convert")`."""
        kinds: dict[str, tuple[Component, ...]] = {
            "action": self.actions,
            "provider": self.providers,
            "service": self.services,
            "evaluator": self.evaluators,
            "task": self.tasks,
        }
        return [(kind, item.name) for kind, items in kinds.items() for item in items]

    def action(self, name: str) -> ActionDescription | None:
        """The action of that name."""
        return next((action for action in self.actions if action.name == name), None)


def describe(plugin: Plugin, services: tuple[Service, ...]) -> Description:
    """Tell what a loaded plugin brings.

    Raises:
        pydantic.ValidationError: it holds what no plugin holds, such as a name that is not text.
    """
    return Description(
        name=plugin.name,
        version=plugin.version,
        description=plugin.description,
        actions=tuple(
            ActionDescription(
                name=action.name, description=action.description, effect=action.effect, arguments=action.schema()
            )
            for action in plugin.actions
        ),
        providers=tuple(Component(name=item.name, description=item.description) for item in plugin.providers),
        services=tuple(
            Component(name=item.name, description=(type(item).__doc__ or "").strip().split("\n")[0])
            for item in services
        ),
        evaluators=tuple(Component(name=item.name, description=item.description) for item in plugin.evaluators),
        tasks=tuple(
            TaskDescription(name=item.name, description=item.description, schedule=item.schedule)
            for item in plugin.tasks
        ),
        environment=tuple(
            Declared(name=item.name, description=item.description, required=item.required, sensitive=item.sensitive)
            for item in plugin.environment
        ),
        capabilities=plugin.capabilities,
        hosts=plugin.hosts,
    )
