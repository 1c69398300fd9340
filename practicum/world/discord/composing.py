"""From the body of a request to the content of a message: limits, mentions, files."""

from __future__ import annotations

import mimetypes
import re
import secrets

from practicum.bus.events import Json
from practicum.world.discord.attachments import Attachments
from practicum.world.discord.bits import Permission
from practicum.world.discord.body import Body, Upload, objects, string
from practicum.world.discord.community import ROLE_MENTION, USER_MENTION, Community
from practicum.world.discord.errors import DiscordError, invalid_form, too_long
from practicum.world.discord.model import Attachment, Channel, Message, User

CONTENT_LIMIT = 2000
EMBED_LIMIT = 10
FILE_LIMIT = 10
FILE_BYTES = 10 * 2**20
"""Bytes of one file without a boosted guild."""
_EMBED_TEXTS = {"title": 256, "description": 4096}
_EMBED_TOTAL = 6000
_SETTABLE_FLAGS = 1 << 2 | 1 << 12 | 1 << 15
"""SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS, IS_COMPONENTS_V2."""
_EVERYONE = re.compile(r"@(everyone|here)\b")
_ALL_MENTIONS: Body = {"parse": ["users", "roles", "everyone"], "replied_user": True}
"""What holds without `allowed_mentions`."""
_UNSUPPORTED = ("poll", "sticker_ids")


def apply_content(message: Message, body: Body) -> None:
    """Set text, embeds, components and flags where the body has them.

    Raises:
        DiscordError: 50035 with Discord's tree of errors.
    """
    for name in _UNSUPPORTED:
        if body.get(name):
            raise invalid_form(name, "UNSUPPORTED", "The simulated Discord does not have this.")
    if "content" in body:
        content = string(body, "content")
        if len(content) > CONTENT_LIMIT:
            raise too_long("content", CONTENT_LIMIT)
        message.content = content.strip()
    if "embeds" in body:
        embeds = objects(body, "embeds", most=EMBED_LIMIT)
        message.embeds = [_embed(embed, index) for index, embed in enumerate(embeds)]
    if "components" in body:
        message.components = [*objects(body, "components", most=40)]
    flags = body.get("flags")
    if isinstance(flags, int):
        message.flags = message.flags & ~_SETTABLE_FLAGS | flags & _SETTABLE_FLAGS
    message.tts = body.get("tts") is True
    nonce = body.get("nonce")
    message.nonce = nonce if isinstance(nonce, str | int) else None


def _embed(embed: Body, index: int) -> Json:
    total = 0
    for name, limit in _EMBED_TEXTS.items():
        text = embed.get(name)
        if isinstance(text, str):
            total += len(text)
            if len(text) > limit:
                raise too_long(f"embeds.{index}.{name}", limit)
    fields = objects(embed, "fields", most=25)
    for position, one in enumerate(fields):
        for name, limit in (("name", 256), ("value", 1024)):
            text = one.get(name)
            if not isinstance(text, str) or not text:
                raise invalid_form(
                    f"embeds.{index}.fields.{position}.{name}", "BASE_TYPE_REQUIRED", "This field is required"
                )
            if len(text) > limit:
                raise too_long(f"embeds.{index}.fields.{position}.{name}", limit)
            total += len(text)
    if total > _EMBED_TOTAL:
        raise invalid_form("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {_EMBED_TOTAL}")
    shown: Body = {"type": "rich", **embed}
    if fields:
        shown["fields"] = [{"inline": False, **one} for one in fields]
    return shown


def apply_mentions(place: Community, channel: Channel, author: User, message: Message, body: Body) -> None:
    """Work out who a message mentions, as far as `allowed_mentions` lets it."""
    allowed = body.get("allowed_mentions")
    rules: Body = (
        allowed if isinstance(allowed, dict) else {"parse": ["users", "roles", "everyone"], "replied_user": True}
    )
    parse = rules.get("parse")
    kinds = parse if isinstance(parse, list) else []
    users = list(dict.fromkeys(id for id in USER_MENTION.findall(message.content) if id in place.users))
    roles = list(dict.fromkeys(id for id in ROLE_MENTION.findall(message.content) if id in place.roles))
    message.mentions = [id for id in users if "users" in kinds or _listed(rules, "users", id)]
    message.mention_roles = [id for id in roles if "roles" in kinds or _listed(rules, "roles", id)]
    message.mention_everyone = (
        bool(_EVERYONE.search(message.content))
        and "everyone" in kinds
        and place.can(author, channel, Permission.MENTION_EVERYONE)
    )
    answered = place.channels[message.reference_channel].messages.get(message.reference) if message.reference else None
    if answered and rules.get("replied_user") and answered.author in place.users:
        message.mentions = list(dict.fromkeys([*message.mentions, answered.author]))


def _listed(rules: Body, kind: str, id: str) -> bool:
    listed = rules.get(kind)
    return isinstance(listed, list) and id in [str(one) for one in listed]


async def store_files(place: Community, files: Attachments, body: Body, uploads: list[Upload]) -> list[Attachment]:
    """Keep the files of a request and describe them; `attachments` of the body may name and describe them.

    Raises:
        DiscordError: 40005 for a file that is too large, 50035 for too many.
    """
    if len(uploads) > FILE_LIMIT:
        raise invalid_form("files", "BASE_TYPE_MAX_LENGTH", f"Must be {FILE_LIMIT} or fewer in length.")
    named = {str(one.get("id")): one for one in objects(body, "attachments", most=FILE_LIMIT)}
    stored = []
    for upload in uploads:
        if len(upload.content) > FILE_BYTES:
            raise DiscordError(413, 40005, "Request entity too large")
        described = named.get(str(upload.index), {})
        filename = (string(described, "filename") or upload.filename).replace("/", "_").replace(" ", "_") or "unknown"
        content_type = mimetypes.guess_type(filename)[0] or upload.content_type
        attachment = Attachment(
            place.ids.next(),
            filename,
            len(upload.content),
            content_type,
            secrets.token_hex(16),
            string(described, "description", limit=1024),
        )
        await files.write(attachment.id, upload.content)
        stored.append(attachment)
    return stored


def check_not_empty(message: Message) -> None:
    """A message must hold something.

    Raises:
        DiscordError: 50006.
    """
    if not (message.content or message.embeds or message.attachments or message.components):
        raise DiscordError(400, 50006, "Cannot send an empty message")
