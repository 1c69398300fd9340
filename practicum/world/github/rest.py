"""The REST listener: from a request to a handler and back, with GitHub's headers."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web

from practicum.bus.events import Json
from practicum.world.github import routes
from practicum.world.github.access import can_see, check_role, check_token
from practicum.world.github.auth import authenticate
from practicum.world.github.body import Body
from practicum.world.github.call import HANDLERS, Call, Handler, Reply
from practicum.world.github.core import Core
from practicum.world.github.errors import ApiError, not_found
from practicum.world.github.permissions import ROUTES, Route
from practicum.world.service import Credential

assert routes.ALL, "the handlers register when the modules are imported"

_NUMBERS = re.compile(r"_(id|number)$")
_SLASHED = {"ref", "branch", "path", "basehead", "tag", "sha", "name"}
"""Parameters whose value may hold a slash."""
_WORDS = {"workflow_id", "repository_id"}


def _aiohttp_path(template: str) -> str:
    def parameter(match: re.Match[str]) -> str:
        name = match[1]
        if name in _SLASHED:
            return f"{{{name}:.{'*' if name == 'path' else '+'}}}"
        if name == "workflow_id":
            return f"{{{name}:[^/]+}}"
        return f"{{{name}:\\d+}}" if _NUMBERS.search(name) else match[0]

    return "/github" + re.sub(r"\{(\w+)\}", parameter, template)


def mount(app: web.Application, core: Core) -> None:
    """Add all routes under `/github`, longer templates first: `.../{branch}/protection` wins over `.../{branch}`."""
    for route in sorted(ROUTES, key=lambda r: (-r.template.count("/"), r.template)):
        answer = _answering(core, route, HANDLERS[route.method, route.template])
        app.router.add_route(route.method, _aiohttp_path(route.template), answer)
    app.router.add_route("*", "/github/{rest:.*}", _answering(core, None, None))


def _answering(
    core: Core, route: Route | None, handler: Handler | None
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        core.context.base_url = core.context.base_url or f"http://{request.host}"
        headers = {
            "X-GitHub-Request-Id": ":".join(secrets.token_hex(2).upper() for _ in range(5)),
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Api-Version-Selected": "2022-11-28",
            "Server": "github.com",
        }
        try:
            credential = authenticate(core.context.credentials, request)
            headers |= _count(core, credential, free=request.path == "/github/rate_limit")
            if route is None or handler is None:
                raise not_found()
            call = await _prepare(core, request, route, credential)
            reply = await handler(call)
        except ApiError as error:
            reply = Reply(error.body, error.status, error.headers)
        return _respond(request, reply, headers)

    return answer


async def _prepare(core: Core, request: web.Request, route: Route, credential: Credential) -> Call:
    repo = None
    if "{repo}" in route.template:
        repo = core.store.repository(f"{request.match_info['owner']}/{request.match_info['repo']}")
        if repo is None or not can_see(credential, repo):
            raise not_found()
    check_token(credential, route)
    if repo is not None:
        check_role(credential, repo, route.role)
        if repo.archived and route.level == "write" and route.permission != "administration":
            raise ApiError(403, "Repository was archived so is read-only.")
    has_json = request.method != "GET" and not route.template.endswith("/{release_id}/assets")
    body = await Body.read(request) if has_json else Body({})
    return Call(core, request, route, credential, body, repo)


def _count(core: Core, credential: Credential, *, free: bool) -> dict[str, str]:
    """Count a call against its account's hour and say what is left.

    Raises:
        ApiError: 403 when nothing is left.
    """
    now = core.context.clock.now().timestamp()
    start, used = core.rate.get(credential.login, (now, 0))
    if now - start >= 3600:
        start, used = now, 0
    used += 0 if free else 1
    core.rate[credential.login] = (start, used)
    headers = {
        "X-RateLimit-Limit": str(core.rate_limit),
        "X-RateLimit-Remaining": str(max(core.rate_limit - used, 0)),
        "X-RateLimit-Used": str(used),
        "X-RateLimit-Reset": str(int(start) + 3600),
        "X-RateLimit-Resource": "core",
    }
    if used > core.rate_limit:
        raise ApiError(403, f"API rate limit exceeded for user {credential.login}.", headers=headers)
    return headers


def _respond(request: web.Request, reply: Reply, headers: dict[str, str]) -> web.Response:
    headers |= reply.headers
    if reply.status == 204 or (reply.body is None and reply.content is None):
        return web.Response(status=reply.status, headers=headers)
    if reply.content is not None:
        raw = reply.content
        headers["Content-Type"] = reply.content_type
    else:
        raw = _dump(reply.body)
        headers["Content-Type"] = "application/json; charset=utf-8"
    if request.method in ("GET", "HEAD") and reply.status == 200:
        tag = f'"{hashlib.sha256(raw).hexdigest()}"'
        headers["ETag"] = f"W/{tag}"
        headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
        if tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
    return web.Response(status=reply.status, body=raw, headers=headers)


def _dump(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
