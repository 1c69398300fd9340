"""The deploy target as a service of the world: its routes, and who may use them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from practicum.bus.events import Json
from practicum.errors import UsageError
from practicum.world.deploy.archive import MAX_UPLOAD_BYTES
from practicum.world.deploy.errors import DeployRefusal, forbidden, invalid, not_found, unauthorized
from practicum.world.deploy.permissions import ROUTES, Action, permitted
from practicum.world.deploy.platform import Platform
from practicum.world.deploy.proxy import forward
from practicum.world.deploy.records import Deployment
from practicum.world.ledger import header_token
from practicum.world.service import Credential, WorldContext, cause_of

PREFIX = "/deploy"
DEFAULT_TIMEOUT_S = 15.0
MAX_TIMEOUT_S = 60.0

_Handler = Callable[[web.Request, Credential], Awaitable[web.StreamResponse]]


class Deploy:
    """A small platform: takes a tar with a `Procfile`, runs it in the sandbox, and passes requests on to it.

    The application gets PORT (listen on 127.0.0.1:PORT), VERSION and DATA_DIR (the one directory besides /tmp that it
    may write to, kept from version to version). It has no network.
    """

    name = "deploy"

    def __init__(self, context: WorldContext) -> None:
        self._context = context
        self._directory = context.directory / "deploy"
        self._platform = Platform(context)

    def mount(self, app: web.Application) -> None:
        """Add the routes of `practicum.world.deploy.permissions.ROUTES`; everything else below `/deploy` is 404."""
        handlers: dict[tuple[str, str], _Handler] = {
            ("GET", "/v1/apps"): self._list_apps,
            ("GET", "/v1/apps/{app}"): self._show_app,
            ("DELETE", "/v1/apps/{app}"): self._stop,
            ("GET", "/v1/apps/{app}/deployments"): self._list_deployments,
            ("POST", "/v1/apps/{app}/deployments"): self._deploy,
            ("GET", "/v1/apps/{app}/deployments/{id}"): self._show_deployment,
            ("GET", "/v1/apps/{app}/logs"): self._logs,
            ("POST", "/v1/apps/{app}/rollback"): self._roll_back,
            ("*", "/v1/apps/{app}/http/{path}"): self._http,
        }
        for (method, template), action in ROUTES.items():
            path = template.replace("{path}", "{path:.*}")
            app.router.add_route(method, PREFIX + path, self._guarded(handlers[method, template], action))
        app.router.add_route("*", PREFIX + "/{rest:.*}", self._guarded(_no_route, "read"))

    async def seed(self, seed: Mapping[str, Json]) -> None:
        """Nothing can be brought in: what runs here was deployed.

        Raises:
            UsageError: the seed is not empty.
        """
        if seed:
            raise UsageError(f"world.deploy: {', '.join(seed)}: unknown key", hint="the deploy target takes no seed")

    async def reset(self) -> None:
        """End every application and forget all deployments."""
        await self._platform.close()
        await asyncio.to_thread(shutil.rmtree, self._directory, True)
        self._platform = Platform(self._context)

    def inspect(self) -> dict[str, Json]:
        """Every application with all of its deployments and the last of its output."""
        return {
            "apps": {
                name: {
                    **app.view(),
                    "history": [item.view() for item in app.deployments],
                    "log": app.instance.log if app.instance else "",
                }
                for name, app in self._platform.apps.items()
            }
        }

    async def close(self) -> None:
        """End every process that was started here."""
        await self._platform.close()

    def _guarded(self, handler: _Handler, action: Action) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                token = header_token(request.headers.get("Authorization", ""))
                account = self._context.credentials.authenticate(self.name, token)
                if account is None:
                    raise unauthorized()
                app = request.match_info.get("app", "")
                if app and account.repos is not None and app not in account.repos:
                    raise not_found(f"app {app}")
                if not permitted(account.permissions, action):
                    raise forbidden(action)
                return await handler(request, account)
            except DeployRefusal as refusal:
                return refusal.response()

        return answer

    async def _list_apps(self, request: web.Request, account: Credential) -> web.Response:
        seen = [a for name, a in self._platform.apps.items() if account.repos is None or name in account.repos]
        return web.json_response({"apps": [app.view() for app in seen]})

    async def _show_app(self, request: web.Request, account: Credential) -> web.Response:
        return web.json_response(self._platform.app(request.match_info["app"]).view())

    async def _stop(self, request: web.Request, account: Credential) -> web.Response:
        name = request.match_info["app"]
        app = await self._platform.stop(name, actor=account.login, cause=cause_of(request))
        return web.json_response(app.view())

    async def _list_deployments(self, request: web.Request, account: Credential) -> web.Response:
        app = self._platform.app(request.match_info["app"])
        return web.json_response({"deployments": [item.view() for item in reversed(app.deployments)]})

    async def _show_deployment(self, request: web.Request, account: Credential) -> web.Response:
        app = self._platform.app(request.match_info["app"])
        number = request.match_info["id"]
        found = app.find(int(number)) if number.isdecimal() else None
        if found is None:
            raise not_found(f"deployment {number} of {app.name}")
        live = app.instance.log if app.current is found and app.instance else found.log
        return web.json_response({**found.view(), "log": live})

    async def _logs(self, request: web.Request, account: Credential) -> web.Response:
        app = self._platform.app(request.match_info["app"])
        last = app.current or (app.deployments[-1] if app.deployments else None)
        log = app.instance.log if app.instance else last.log if last else ""
        return web.json_response({"app": app.name, "deployment": app.current.id if app.current else None, "log": log})

    async def _deploy(self, request: web.Request, account: Credential) -> web.Response:
        if (request.content_length or 0) > MAX_UPLOAD_BYTES:
            raise DeployRefusal(413, "too_large", f"an upload may have {MAX_UPLOAD_BYTES // 1024 // 1024} MiB")
        archive = await request.read()
        if len(archive) > MAX_UPLOAD_BYTES:
            raise DeployRefusal(413, "too_large", f"an upload may have {MAX_UPLOAD_BYTES // 1024 // 1024} MiB")
        deployment = await self._platform.deploy(
            request.match_info["app"],
            archive,
            version=request.query.get("version", ""),
            commit=request.query.get("commit", ""),
            health=request.query.get("health", ""),
            timeout_s=_timeout(request),
            actor=account.login,
            cause=cause_of(request),
        )
        return await _begun(request, deployment)

    async def _roll_back(self, request: web.Request, account: Credential) -> web.Response:
        to = request.query.get("to")
        if to is not None and not to.isdecimal():
            raise invalid("to must be the id of a deployment")
        deployment = await self._platform.roll_back(
            request.match_info["app"],
            to=int(to) if to is not None else None,
            actor=account.login,
            cause=cause_of(request),
        )
        return await _begun(request, deployment)

    async def _http(self, request: web.Request, account: Credential) -> web.StreamResponse:
        app = self._platform.app(request.match_info["app"])
        if app.instance is None:
            raise DeployRefusal(503, "not_running", f"{app.name} is not running")
        return await forward(request, app.instance)


async def _begun(request: web.Request, deployment: Deployment) -> web.Response:
    """202 at once; with `wait=true` 201 or 200 with the outcome, when it is known."""
    if request.query.get("wait", "") not in ("1", "true"):
        return web.json_response(deployment.view(), status=202)
    await deployment.done.wait()
    return web.json_response({**deployment.view(), "log": deployment.log}, status=201)


def _timeout(request: web.Request) -> float:
    text = request.query.get("timeout", "")
    if not text:
        return DEFAULT_TIMEOUT_S
    try:
        seconds = float(text)
    except ValueError:
        raise invalid("timeout must be a number of seconds") from None
    if not 0 < seconds <= MAX_TIMEOUT_S:
        raise invalid(f"timeout must be between 0 and {MAX_TIMEOUT_S:.0f} seconds")
    return seconds


async def _no_route(request: web.Request, account: Credential) -> web.Response:
    raise not_found(f"route {request.method} {request.path}")
