"""Passing a request on to a running application, and its answer back."""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from practicum.world.deploy.errors import DeployRefusal
from practicum.world.deploy.instance import Instance

TIMEOUT_S = 30.0

HOP_BY_HOP = frozenset(
    (
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    )
)
"""RFC 9110, section 7.6.1: for one connection only."""


async def forward(request: web.Request, instance: Instance) -> web.StreamResponse:
    """Send the request to the application and stream its answer.

    The deploy target's own credential and Practicum's headers stay here: the application is somebody else's code.

    Raises:
        DeployRefusal: 502 when it does not answer, 504 when it takes longer than `TIMEOUT_S`.
    """
    # The raw path: decoding and encoding again would change what the application sees.
    _, _, rest = request.raw_path.partition("/http/")
    body = await request.read() if request.can_read_body else None
    response: web.StreamResponse | None = None
    try:
        async with (
            asyncio.timeout(TIMEOUT_S),
            instance.session() as session,
            session.request(
                request.method,
                instance.address("/" + rest),
                headers=_request_headers(request),
                data=body,
                allow_redirects=False,
            ) as answer,
        ):
            response = web.StreamResponse(status=answer.status, reason=answer.reason)
            for name, value in answer.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    response.headers.add(name, value)
            await response.prepare(request)
            async for chunk in answer.content.iter_chunked(64 * 1024):
                await response.write(chunk)
            await response.write_eof()
            return response
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        if response is not None and response.prepared:
            raise ConnectionResetError("the application broke its answer off") from error  # too late for another one
        if not isinstance(error, TimeoutError):
            raise DeployRefusal(502, "bad_gateway", f"the application does not answer: {error}") from error
        raise DeployRefusal(504, "timeout", f"the application did not answer within {TIMEOUT_S:.0f} s") from error


def _request_headers(request: web.Request) -> CIMultiDict[str]:
    headers: CIMultiDict[str] = CIMultiDict()
    named = {name.strip().lower() for name in request.headers.get("Connection", "").split(",")}
    for name, value in request.headers.items():
        lowered = name.lower()
        if lowered in HOP_BY_HOP or lowered in named or lowered in ("authorization", "content-length"):
            continue
        if not lowered.startswith("x-practicum-"):
            headers.add(name, value)
    headers["X-Forwarded-Prefix"] = request.path.partition("/http/")[0] + "/http"
    return headers
