"""Webhooks of a repository."""

from __future__ import annotations

from urllib.parse import urlsplit

from practicum.world.github import webhooks
from practicum.world.github.body import Body
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import ApiError, invalid, not_found
from practicum.world.github.git.objects import ZERO
from practicum.world.github.render.basics import Object
from practicum.world.github.render.hooks import delivery as render_delivery
from practicum.world.github.render.hooks import delivery_item
from practicum.world.github.render.hooks import hook as render
from practicum.world.github.state import Delivery, Hook


def _hook(call: Call) -> Hook:
    found = call.repo.hooks.get(call.number("hook_id"))
    if found is None:
        raise not_found()
    return found


def _delivery(call: Call) -> tuple[Hook, Delivery]:
    hook = _hook(call)
    for delivery in hook.deliveries:
        if delivery.id == call.number("delivery_id"):
            return hook, delivery
    raise not_found()


def _url(config: Body) -> str:
    url = config.need("url", "Hook")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise invalid("Hook", "url", "invalid", "url must be an http or https address")
    return url


def _kind(config: Body, default: str) -> str:
    kind = config.text("content_type") or default
    if kind not in ("json", "form"):
        raise invalid("Hook", "content_type")
    return kind


@handles("GET", "~/hooks")
async def hooks(call: Call) -> Reply:
    return call.listing(list(call.repo.hooks.values()), lambda each: render(call.core, call.repo, each))


@handles("POST", "~/hooks")
async def create(call: Call) -> Reply:
    core, repo, body = call.core, call.repo, call.body
    config = body.inner("config")
    if config is None:
        raise invalid("Hook", "config", "missing_field")
    url, events, now = _url(config), body.texts("events") or ["push"], core.now()
    if any(each.url == url and set(each.events) == set(events) for each in repo.hooks.values()):
        error: Object = {"resource": "Hook", "code": "custom", "message": "Hook already exists on this repository"}
        raise ApiError(422, "Validation Failed", errors=[error])
    hook = Hook(
        core.next_id(),
        url,
        _kind(config, "form"),
        config.text("secret") or "",
        str(config.values.get("insecure_ssl", "0")),
        events,
        body.flag("active", True),
        now,
        now,
    )
    repo.hooks[hook.id] = hook
    facts: Object = {"hook": hook.id, "events": [*events], "host": urlsplit(url).netloc}
    await core.changed("webhook.created", repo, call.by, facts)
    if hook.active:
        await _ping(call, hook)
    shown = render(core, repo, hook)
    return Reply(shown, 201, {"Location": str(shown["url"])})


async def _ping(call: Call, hook: Hook) -> None:
    shown: Object = {
        "zen": "Keep it logically awesome.",
        "hook_id": hook.id,
        "hook": render(call.core, call.repo, hook),
    }
    payload = webhooks.envelope(call.core, call.repo, None, call.by, shown)
    await webhooks.send(call.core, call.repo, hook, "ping", None, payload, call.by)


@handles("GET", "~/hooks/{hook_id}")
async def get(call: Call) -> Reply:
    return Reply(render(call.core, call.repo, _hook(call)))


@handles("PATCH", "~/hooks/{hook_id}")
async def edit(call: Call) -> Reply:
    hook, body = _hook(call), call.body
    config = body.inner("config")
    if config is not None:
        hook.url, hook.content_type = _url(config), _kind(config, "form")
        hook.secret = config.text("secret") or ""
        hook.insecure_ssl = str(config.values.get("insecure_ssl", hook.insecure_ssl))
    events = body.texts("events")
    hook.events = hook.events if events is None else events
    hook.events += [each for each in body.texts("add_events") or [] if each not in hook.events]
    gone = set(body.texts("remove_events") or [])
    hook.events = [each for each in hook.events if each not in gone]
    hook.active, hook.updated_at = body.flag("active", hook.active), call.core.now()
    return Reply(render(call.core, call.repo, hook))


@handles("DELETE", "~/hooks/{hook_id}")
async def delete(call: Call) -> Reply:
    del call.repo.hooks[_hook(call).id]
    return Reply(status=204)


@handles("POST", "~/hooks/{hook_id}/pings")
async def ping(call: Call) -> Reply:
    await _ping(call, _hook(call))
    return Reply(status=204)


@handles("POST", "~/hooks/{hook_id}/tests")
async def test(call: Call) -> Reply:
    """Send a push of the default branch, where the hook listens to pushes."""
    hook, repo = _hook(call), call.repo
    if {"push", "*"} & set(hook.events):
        sha = repo.git.branch(repo.default_branch) or ZERO
        details: Object = {"ref": f"refs/heads/{repo.default_branch}", "before": sha, "after": sha, "commits": []}
        payload = webhooks.envelope(call.core, repo, None, call.by, details)
        await webhooks.send(call.core, repo, hook, "push", None, payload, call.by)
    return Reply(status=204)


@handles("GET", "~/hooks/{hook_id}/deliveries")
async def deliveries(call: Call) -> Reply:
    done = [each for each in _hook(call).deliveries if each.status != "pending"]
    return call.listing(done, lambda each: delivery_item(call.repo, each))


@handles("GET", "~/hooks/{hook_id}/deliveries/{delivery_id}")
async def get_delivery(call: Call) -> Reply:
    hook, delivery = _delivery(call)
    return Reply(render_delivery(call.repo, hook, delivery))


@handles("POST", "~/hooks/{hook_id}/deliveries/{delivery_id}/attempts")
async def redeliver(call: Call) -> Reply:
    hook, delivery = _delivery(call)
    await webhooks.send(
        call.core, call.repo, hook, delivery.event, delivery.action, delivery.payload, call.by, again=delivery
    )
    return Reply({}, 202)
