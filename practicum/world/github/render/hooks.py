"""Webhooks and their deliveries. A secret is never shown again."""

from __future__ import annotations

from practicum.world.github.core import Core
from practicum.world.github.render.basics import Object, stamp
from practicum.world.github.render.repositories import api_url
from practicum.world.github.state import Delivery, Hook, Repository


def hook(core: Core, repo: Repository, given: Hook) -> Object:
    """The schema `hook`."""
    url = f"{api_url(core, repo)}/hooks/{given.id}"
    config: Object = {"url": given.url, "content_type": given.content_type, "insecure_ssl": given.insecure_ssl}
    if given.secret:
        config["secret"] = "********"  # noqa: S105 - what GitHub shows in its place
    done = [each for each in given.deliveries if each.status != "pending"]
    return {
        "type": "Repository",
        "id": given.id,
        "name": "web",
        "active": given.active,
        "events": list(given.events),
        "config": config,
        "updated_at": stamp(given.updated_at),
        "created_at": stamp(given.created_at),
        "url": url,
        "test_url": f"{url}/tests",
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
        "last_response": {
            "code": (done[0].status_code or None) if done else None,
            "status": ("active" if 200 <= done[0].status_code < 300 else "failed") if done else "unused",
            "message": done[0].status if done else None,
        },
    }


def delivery_item(repo: Repository, given: Delivery) -> Object:
    """The schema `hook-delivery-item`."""
    return {
        "id": given.id,
        "guid": given.guid,
        "delivered_at": stamp(given.delivered_at),
        "redelivery": given.redelivery,
        "duration": round(given.seconds, 3),
        "status": given.status,
        "status_code": given.status_code,
        "event": given.event,
        "action": given.action,
        "installation_id": None,
        "repository_id": repo.id,
        "throttled_at": None,
    }


def delivery(repo: Repository, hook_: Hook, given: Delivery) -> Object:
    """The schema `hook-delivery`."""
    return {
        **delivery_item(repo, given),
        "url": hook_.url,
        "request": {"headers": dict(given.headers), "payload": given.payload},
        "response": {"headers": dict(given.response_headers), "payload": given.response_body},
    }
