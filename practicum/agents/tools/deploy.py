"""The deploy target, through the gateway."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import aiohttp
from pydantic import BaseModel, Field

from practicum.agents.context import ToolContext
from practicum.agents.tools.git import run_git
from practicum.api.tool import ToolError, tool

_DEPLOY_S = 120


class Deployment(BaseModel):
    """One deployment of an application."""

    id: int
    app: str
    version: str
    commit: str
    state: str
    reason: str = ""
    log: str = ""


class Probe(BaseModel):
    """What the running application answered."""

    status: int
    body: str
    ms: float


async def _request(
    context: ToolContext, method: str, path: str, *, body: bytes | None = None, params: dict[str, str] | None = None
) -> tuple[int, bytes]:
    access = context.service("deploy")
    headers = {"Authorization": f"Bearer {access.token}", "X-Practicum-Cause": context.cause}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_DEPLOY_S)) as session,
            session.request(
                method, f"{access.url}{path}", data=body, params=params, headers=headers, allow_redirects=False
            ) as answer,
        ):
            return answer.status, await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ToolError(f"the deploy target did not answer: {error or type(error).__name__}") from error


async def _json(context: ToolContext, method: str, path: str, **options: Any) -> dict[str, Any]:
    from pydantic_core import from_json

    status, content = await _request(context, method, path, **options)
    value: dict[str, Any] = from_json(content) if content else {}
    if status >= 400:
        raise ToolError(f"the deploy target answered {status}: {value.get('message') or value.get('error') or ''}")
    return value


def _deployment(value: dict[str, Any]) -> Deployment:
    return Deployment.model_validate({key: item for key, item in value.items() if key in Deployment.model_fields})


@tool(effect="once")
async def deploy(
    context: ToolContext,
    path: Annotated[str, Field(description="Folder of the clone inside the workspace")],
    version: str,
    ref: Annotated[str, Field(description="What of the clone is deployed: a commit, tag or branch")] = "HEAD",
    health: Annotated[str, Field(description="Path that must answer 200")] = "/health",
) -> Deployment:
    """Deploy a commit of a clone: uploads its files, starts the application, waits until it is healthy."""
    app = str(context.settings.get("app", "app"))
    cwd = context.path(path)
    commit = (await run_git(context, "rev-parse", f"{ref}^{{commit}}", cwd=cwd)).strip()
    archive = cwd / ".git" / f"deploy-{commit}.tar.gz"
    await run_git(context, "archive", "--format=tar.gz", f"--output={archive}", commit, cwd=cwd)
    body = await asyncio.to_thread(archive.read_bytes)
    archive.unlink()
    params = {"version": version, "commit": commit, "health": health, "wait": "true"}
    return _deployment(await _json(context, "POST", f"/v1/apps/{app}/deployments", body=body, params=params))


@tool(effect="read")
async def deployment_status(context: ToolContext) -> Deployment:
    """What is deployed now."""
    app = str(context.settings.get("app", "app"))
    value = await _json(context, "GET", f"/v1/apps/{app}")
    if value.get("deployment") is None:
        raise ToolError(f"nothing of {app} is deployed")
    return _deployment({**value, "id": value["deployment"]})


@tool(effect="read")
async def deployment_logs(context: ToolContext) -> str:
    """The running application's log."""
    app = str(context.settings.get("app", "app"))
    return (await _request(context, "GET", f"/v1/apps/{app}/logs"))[1].decode(errors="replace")


@tool(effect="idempotent")
async def rollback(context: ToolContext) -> Deployment:
    """Go back to the deployment before."""
    app = str(context.settings.get("app", "app"))
    return _deployment(await _json(context, "POST", f"/v1/apps/{app}/rollback", params={"wait": "true"}))


@tool(effect="read")
async def probe(
    context: ToolContext,
    path: Annotated[str, Field(description="Such as /health")],
    method: str = "GET",
    body: str = "",
) -> Probe:
    """Send a request to the deployed application and see what it answers."""
    app = str(context.settings.get("app", "app"))
    start = asyncio.get_running_loop().time()
    status, content = await _request(
        context, method, f"/v1/apps/{app}/http/{path.lstrip('/')}", body=body.encode() if body else None
    )
    ms = (asyncio.get_running_loop().time() - start) * 1000
    return Probe(status=status, body=content.decode(errors="replace")[:20_000], ms=round(ms, 1))


DEPLOY = (deploy, deployment_status, deployment_logs, rollback, probe)
