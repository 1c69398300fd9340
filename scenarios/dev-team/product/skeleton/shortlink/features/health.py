"""`GET /health`: whether the service is well, and which version it is."""

from __future__ import annotations

from shortlink import __version__
from shortlink.links import Links
from shortlink.web import Request, Response, Router


def routes(router: Router, links: Links) -> None:
    """Add this feature."""

    def health(request: Request) -> Response:
        return Response(200, {"status": "ok", "version": __version__})

    router.add("GET", "/health", health)
