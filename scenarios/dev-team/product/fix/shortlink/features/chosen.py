"""`PUT /links/CODE`: a short link whose code the user has chosen."""

from __future__ import annotations

import re

from shortlink import addresses
from shortlink.links import Links
from shortlink.web import Problem, Request, Response, Router

_CODE = re.compile(r"[A-Za-z0-9_-]{1,32}")


def routes(router: Router, links: Links) -> None:
    """Add this feature."""

    def choose(request: Request, code: str) -> Response:
        if not _CODE.fullmatch(code):
            raise Problem(400, "a code is 1 to 32 letters, digits, - or _")
        if router.literal(f"/{code}"):
            raise Problem(409, f"{code} is a word of the service itself")
        link = links.claim(code, addresses.wanted(request))
        if link is None:
            raise Problem(409, f"{code} is taken")
        return Response(201, {"code": link.code, "short": f"/{link.code}"})

    router.add("PUT", "/links/{code}", choose)
