"""`POST /links` makes a short link, `GET /CODE` follows it."""

from __future__ import annotations

from shortlink import addresses
from shortlink.links import Links
from shortlink.web import Problem, Request, Response, Router


def routes(router: Router, links: Links) -> None:
    """Add this feature."""

    def shorten(request: Request) -> Response:
        link = links.add(addresses.wanted(request))
        return Response(201, {"code": link.code, "short": f"/{link.code}"})

    def follow(request: Request, code: str) -> Response:
        link = links.follow(code)
        if link is None:
            raise Problem(404, f"there is no link {code}")
        return Response(302, {"url": link.url}, {"Location": link.url})

    router.add("POST", "/links", shorten)
    router.add("GET", "/{code}", follow)
