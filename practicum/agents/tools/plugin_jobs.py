"""Making plugins from within a running team: what succeeds is there for `use_plugin` at once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from pydantic_core import from_json, to_json

from practicum.agents.context import ToolContext
from practicum.api.tool import ToolError, tool

_MORE_S = 10.0
_FIRST_S = 30.0

Wait = Annotated[
    float, Field(ge=0, le=110, description="Seconds to wait for the job's end; 0 comes back at once, the job goes on")
]
Files = Annotated[
    dict[str, str] | None,
    Field(description="Path to text of the plugin's files, when you write them yourself; else templates write them"),
]


class PluginJob(BaseModel):
    """A plugin being made."""

    job: str
    plugin: str
    version: str
    state: Literal[
        "queued", "generating", "building", "linting", "testing", "validating", "iterating",
        "succeeded", "failed", "cancelled", "timed_out",
    ]  # fmt: skip
    """`succeeded`: it is installed, and use_plugin calls its actions."""
    iteration: int
    reason: str
    """Why it ended as it did."""
    errors: list[str]
    checks: dict[str, str]
    """Check to `passed`, `failed`, `skipped` or `not_checked`."""
    actions: list[str]


@tool(effect="once")
async def create_plugin(
    context: ToolContext,
    specification: Annotated[
        str,
        Field(
            description="YAML: name, description, and actions with name, description, parameters (name, type), "
            "returns, examples (input, output) and, where that says it all, formula"
        ),
    ],
    files: Files = None,
    wait_s: Wait = 90,
) -> PluginJob:
    """Make a plugin for this team from a specification, and install it when every check has passed."""
    request = {"do": "create", "specification": specification, "files": files, "wait_s": wait_s}
    return PluginJob.model_validate(await _ask(context, request, wait_s))


@tool(effect="once")
async def create_plugin_from_description(
    context: ToolContext,
    description: Annotated[str, Field(description="What the plugin should do, in a sentence or some")],
    files: Files = None,
    wait_s: Wait = 90,
) -> PluginJob:
    """Make a plugin for this team from a description: a specification is made of it first."""
    request = {"do": "describe", "description": description, "files": files, "wait_s": wait_s}
    return PluginJob.model_validate(await _ask(context, request, wait_s))


@tool(effect="read")
async def plugin_status(
    context: ToolContext, job: Annotated[str, Field(description="As create_plugin gave it")], wait_s: Wait = 0
) -> PluginJob:
    """Look how a job is, or wait for its end."""
    return PluginJob.model_validate(await _ask(context, {"do": "status", "job": job, "wait_s": wait_s}, wait_s))


@tool(effect="idempotent")
async def cancel_plugin(
    context: ToolContext, job: Annotated[str, Field(description="As create_plugin gave it")]
) -> PluginJob:
    """End a job of this team. What is installed already stays."""
    return PluginJob.model_validate(await _ask(context, {"do": "cancel", "job": job}, 0))


@tool(effect="read")
async def list_plugin_jobs(context: ToolContext) -> list[PluginJob]:
    """List the plugins that this team has asked for, and what became of them."""
    return [PluginJob.model_validate(item) for item in await _ask(context, {"do": "list"}, 0)]


async def _ask(context: ToolContext, request: dict[str, Any], wait_s: float) -> Any:
    timeout = wait_s + _MORE_S if wait_s else _FIRST_S
    reply = from_json(await context.ask("launcher", "plugin_job", to_json(request), timeout))
    if "error" in reply:
        raise ToolError(str(reply["error"]))
    return reply["result"]


PLUGIN_JOBS = (create_plugin, create_plugin_from_description, plugin_status, cancel_plugin, list_plugin_jobs)
