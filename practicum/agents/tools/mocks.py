"""Services that nobody plays: each method that the scenario mocks is a tool, and the gateway answers it.

So an agent's code knows nothing of mocks: it calls a service, and a lease goes along.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field

from practicum.agents.context import ToolContext
from practicum.api.tool import Tool, ToolError, tool

_LONGEST = 64
"""Of a tool's name, as both vendors of models take it: `^[a-zA-Z0-9_-]{1,64}$`."""
_ODD = re.compile(r"[^a-zA-Z0-9_-]+")
_CALL_S = 300
"""A mock may let its caller wait."""


def tool_name(service: str, method: str) -> str:
    """How the tool of a method is called: `github-service_searchIssues`; a long one ends in a digest."""
    whole = "_".join(filter(None, (service, method)))
    name = _ODD.sub("_", whole).strip("_") or "mock"
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 9]}_{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def mock_tools(mocked: Iterable[Sequence[str]], *, taken: Iterable[str] = ()) -> tuple[Tool[Any], ...]:
    """One tool for each `(service, method)`, in their order. A name that is in use gets a number at its end."""
    found: dict[str, Tool[Any]] = {}
    used = set(taken)
    for service, method in mocked:
        name, number = tool_name(service, method), 2
        while name in used:
            end = f"_{number}"
            name, number = tool_name(service, method)[: _LONGEST - len(end)] + end, number + 1
        used.add(name)
        found[name] = _tool(name, service, method)
    return tuple(found.values())


def _tool(name: str, service: str, method: str) -> Tool[Any]:
    async def call(
        context: ToolContext,
        input: Annotated[dict[str, Any] | None, Field(description="Named arguments of the method")] = None,
        args: Annotated[list[Any] | None, Field(description="Positional arguments, where it takes such")] = None,
    ) -> Any:
        return await _call(context, service, method, args or [], input or {})

    call.__doc__ = f"Call {method} of the service {service}." if service else f"Call {method}."
    return tool(effect="once", name=name)(call)


async def _call(context: ToolContext, service: str, method: str, args: list[Any], given: dict[str, Any]) -> Any:
    """The method's answer.

    Raises:
        ToolError: it failed, with its code and message; or nothing answers such a call.
    """
    import aiohttp
    from pydantic_core import from_json, to_json
    from yarl import URL

    access = context.service("mocks")
    url = "/".join((access.url, *(quote(part, safe="") for part in (service, method) if part)))
    headers = {
        "Authorization": f"Bearer {access.token}",
        "X-Practicum-Cause": context.cause,
        "Content-Type": "application/json",
    }
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_CALL_S)) as session,
            session.post(
                URL(url, encoded=True), data=to_json({"args": args, "input": given}), headers=headers
            ) as answer,
        ):
            status, value = answer.status, from_json(await answer.read())
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ToolError(f"{method} did not answer: {error or type(error).__name__}") from error
    if status < 400:
        return value
    fault = value.get("error") if isinstance(value, dict) else None
    if not isinstance(fault, dict):
        raise ToolError(f"{method} failed with {status}: {value.get('message', '') if isinstance(value, dict) else ''}")
    raise ToolError(f"{fault['code']}: {fault['message']} (status {fault['status']})")
