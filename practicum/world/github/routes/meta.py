"""The root, `/meta`, and the rate limit."""

from __future__ import annotations

from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.render.basics import Object


@handles("GET", "/")
async def root(call: Call) -> Reply:
    api = call.core.api
    return Reply(
        {
            "current_user_url": f"{api}/user",
            "issue_search_url": f"{api}/search/issues?q={{query}}{{&page,per_page,sort,order}}",
            "rate_limit_url": f"{api}/rate_limit",
            "repository_url": f"{api}/repos/{{owner}}/{{repo}}",
            "user_url": f"{api}/users/{{user}}",
        }
    )


@handles("GET", "/meta")
async def meta(call: Call) -> Reply:
    return Reply({"verifiable_password_authentication": False})


@handles("GET", "/rate_limit")
async def rate_limit(call: Call) -> Reply:
    start, used = call.core.rate.get(call.login, (call.core.context.clock.now().timestamp(), 0))
    core: Object = {
        "limit": call.core.rate_limit,
        "used": used,
        "remaining": max(call.core.rate_limit - used, 0),
        "reset": int(start) + 3600,
    }
    search: Object = {"limit": 30, "used": 0, "remaining": 30, "reset": int(start) + 60}
    return Reply({"resources": {"core": core, "search": search, "graphql": core}, "rate": core})
