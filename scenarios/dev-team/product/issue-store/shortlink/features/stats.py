"""`GET /links/CODE/stats`: how often a link was followed, and when it was made."""

from __future__ import annotations

from shortlink.links import Links
from shortlink.web import Problem, Request, Response, Router


def routes(router: Router, links: Links) -> None:
    """Add this feature."""

    def stats(request: Request, code: str) -> Response:
        link = links.find(code)
        if link is None:
            raise Problem(404, f"there is no link {code}")
        return Response(200, {"code": code, "url": link.url, "followed": link.followed, "made": link.made})

    router.add("GET", "/links/{code}/stats", stats)
