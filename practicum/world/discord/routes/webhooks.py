"""Webhooks: make, list, delete, and post through one."""

from __future__ import annotations

import hmac
import secrets

from practicum.world.discord.backend import NOTHING, Answer, Backend, Body, Call, route
from practicum.world.discord.bits import Permission
from practicum.world.discord.body import Upload, string
from practicum.world.discord.composing import apply_content, check_not_empty, store_files
from practicum.world.discord.errors import missing_permissions, required, unknown
from practicum.world.discord.model import Message, Webhook
from practicum.world.discord.posting import draft, post
from practicum.world.discord.routes.guilds import check_guild
from practicum.world.discord.views import webhook_view


@route("POST /channels/{channel_id}/webhooks")
async def create(call: Call) -> Answer:
    """A new webhook for a channel."""
    channel = call.channel(Permission.MANAGE_WEBHOOKS)
    body, _ = await call.body()
    name = string(body, "name", limit=80).strip()
    if not name:
        raise required("name")
    webhook = Webhook(call.place.ids.next(), channel.id, name, call.user.id, secrets.token_urlsafe(48))
    call.place.webhooks[webhook.id] = webhook
    facts: Body = {"name": name, "id": webhook.id}
    await call.news.changed("webhook.created", call.user.login, channel, facts, cause=call.cause)
    return Answer(webhook_view(call.place, webhook))


@route("GET /channels/{channel_id}/webhooks")
async def of_channel(call: Call) -> Answer:
    """The webhooks of a channel."""
    channel = call.channel(Permission.MANAGE_WEBHOOKS)
    found = [one for one in call.place.webhooks.values() if one.channel == channel.id]
    return Answer([webhook_view(call.place, one) for one in found])


@route("GET /guilds/{guild_id}/webhooks")
async def of_guild(call: Call) -> Answer:
    """All webhooks."""
    check_guild(call)
    if not call.place.permissions(call.user) & Permission.MANAGE_WEBHOOKS:
        raise missing_permissions()
    return Answer([webhook_view(call.place, one) for one in call.place.webhooks.values()])


@route("GET /webhooks/{webhook_id}")
async def get(call: Call) -> Answer:
    """One webhook."""
    return Answer(webhook_view(call.place, _managed(call)))


@route("DELETE /webhooks/{webhook_id}")
async def delete(call: Call) -> Answer:
    """Remove a webhook; its address stops working at once."""
    del call.place.webhooks[_managed(call).id]
    return NOTHING


def _managed(call: Call) -> Webhook:
    webhook = call.place.webhooks.get(call.parameter("webhook_id"))
    if webhook is None:
        raise unknown("Webhook")
    call.place.demand(call.user, call.place.channel(webhook.channel, call.user), Permission.MANAGE_WEBHOOKS)
    return webhook


def find(backend: Backend, id: str, token: str) -> Webhook:
    """The webhook that an address with a token opens.

    Raises:
        DiscordError: 10015, also for a wrong token.
    """
    webhook = backend.place.webhooks.get(id)
    if webhook is None or not hmac.compare_digest(webhook.token, token):
        raise unknown("Webhook")
    return webhook


async def execute(
    backend: Backend, webhook: Webhook, body: Body, uploads: list[Upload], *, cause: str | None
) -> Message:
    """Post through a webhook, under its name or the one that the body gives."""
    channel = backend.place.channels.get(webhook.channel)
    if channel is None:
        raise unknown("Channel")
    message = draft(backend, channel, webhook.id)
    message.webhook, message.webhook_name = webhook.id, string(body, "username", webhook.name, limit=80)
    apply_content(message, body)
    message.attachments = await store_files(backend.place, backend.attachments, body, uploads)
    check_not_empty(message)
    await post(backend, channel, message, cause=cause)
    return message
