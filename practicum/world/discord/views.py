"""Users, members, channels and messages as Discord shows them (discord.com/developers/docs/resources)."""

from __future__ import annotations

from urllib.parse import quote

from practicum.bus.events import Json
from practicum.world.discord.community import Community
from practicum.world.discord.model import (
    DIRECT,
    REPLY,
    THREAD_STARTER,
    Attachment,
    Channel,
    Message,
    Overwrite,
    Reaction,
    Role,
    User,
    Webhook,
)

Body = dict[str, Json]


def user_view(user: User) -> Body:
    """A user object."""
    return {
        "id": user.id,
        "username": user.login,
        "global_name": user.name,
        "discriminator": "0000" if user.bot else "0",
        "avatar": None,
        "bot": user.bot,
        "system": False,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
        "public_flags": 0,
        "flags": 0,
    }


def own_user_view(user: User) -> Body:
    """The account that asks, as `/users/@me` and READY show it."""
    return user_view(user) | {
        "mfa_enabled": True,
        "locale": "en-US",
        "email": None,
        "verified": True,
        "premium_type": 0,
    }


def member_view(user: User, *, with_user: bool = True) -> Body:
    """A member of the guild."""
    member: Body = {
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [user.role],
        "joined_at": user.joined_at,
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    return member | {"user": user_view(user)} if with_user else member


def role_view(role: Role) -> Body:
    """A role of the guild."""
    view: Body = {
        "id": role.id,
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": bool(role.managed_by),
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    return view | {"tags": {"bot_id": role.managed_by}} if role.managed_by else view


def overwrite_view(overwrite: Overwrite) -> Body:
    """A permission overwrite; the bit sets are strings."""
    return {
        "id": overwrite.id,
        "type": overwrite.kind,
        "allow": str(overwrite.allow),
        "deny": str(overwrite.deny),
    }


def channel_view(place: Community, channel: Channel, viewer: User) -> Body:
    """A channel, thread or direct message, as one account sees it."""
    common: Body = {"id": channel.id, "type": channel.kind, "last_message_id": channel.last_message or None, "flags": 0}
    if channel.kind == DIRECT:
        others: list[Json] = [user_view(place.users[id]) for id in channel.members if id != viewer.id]
        return common | {"recipients": others}
    common |= {
        "guild_id": place.guild,
        "name": channel.name,
        "parent_id": channel.parent or None,
        "rate_limit_per_user": channel.slowmode,
    }
    if channel.is_thread:
        return common | _thread_fields(place, channel, viewer)
    return common | {
        "position": channel.position,
        "topic": channel.topic or None,
        "nsfw": channel.nsfw,
        "permission_overwrites": [overwrite_view(overwrite) for overwrite in channel.overwrites],
    }


def _thread_fields(place: Community, thread: Channel, viewer: User) -> Body:
    fields: Body = {
        "owner_id": thread.owner,
        "message_count": thread.sent,
        "total_message_sent": thread.sent,
        "member_count": min(50, len(thread.members)),
        "thread_metadata": {
            "archived": thread.archived,
            "auto_archive_duration": thread.auto_archive,
            "archive_timestamp": thread.archived_at or thread.created,
            "locked": thread.locked,
            "create_timestamp": thread.created,
        },
    }
    if viewer.id in thread.members:
        fields["member"] = thread_member_view(place, thread, viewer.id)
    return fields


def thread_member_view(place: Community, thread: Channel, user: str) -> Body:
    """Somebody's membership of a thread."""
    return {"id": thread.id, "user_id": user, "join_timestamp": thread.created, "flags": 1}


def guild_view(place: Community) -> Body:
    """The guild, without its channels and members."""
    return {
        "id": place.guild,
        "name": place.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": place.owner,
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [role_view(role) for role in place.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "premium_progress_bar_enabled_user_updated_at": None,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def attachment_view(channel: str, attachment: Attachment, base_url: str) -> Body:
    """An attachment; its address is its own permission."""
    url = (
        f"{base_url}/discord/cdn/attachments/{channel}/{attachment.id}/{quote(attachment.filename)}?hm={attachment.key}"
    )
    view: Body = {
        "id": attachment.id,
        "filename": attachment.filename,
        "size": attachment.size,
        "url": url,
        "proxy_url": url,
        "content_type": attachment.content_type,
    }
    return view | {"description": attachment.description} if attachment.description else view


def reaction_view(reaction: Reaction, viewer: User) -> Body:
    """A reaction with its counts, as one account sees it."""
    return {
        "emoji": emoji_view(reaction),
        "count": len(reaction.users),
        "count_details": {"burst": 0, "normal": len(reaction.users)},
        "burst_colors": [],
        "me_burst": False,
        "me": viewer.id in reaction.users,
    }


def emoji_view(reaction: Reaction) -> Body:
    """An emoji: a Unicode one has no id."""
    return {"id": reaction.id or None, "name": reaction.name}


def message_view(place: Community, message: Message, viewer: User, base_url: str, *, nested: bool = False) -> Body:
    """A message as one account sees it; a reply carries the message that it answers, one level deep."""
    view: Body = {
        "id": message.id,
        "channel_id": message.channel,
        "type": message.kind,
        "content": message.content,
        "author": _author_view(place, message),
        "timestamp": message.timestamp,
        "edited_timestamp": message.edited or None,
        "mentions": [user_view(place.users[id]) for id in message.mentions if id in place.users],
        "mention_roles": list(message.mention_roles),
        "mention_everyone": message.mention_everyone,
        "attachments": [attachment_view(message.channel, one, base_url) for one in message.attachments],
        "embeds": list(message.embeds),
        "components": list(message.components),
        "flags": message.flags,
        "pinned": bool(message.pinned_at),
        "tts": message.tts,
    }
    if message.reactions and not nested:
        view["reactions"] = [reaction_view(reaction, viewer) for reaction in message.reactions]
    if message.nonce is not None:
        view["nonce"] = message.nonce
    if message.webhook:
        view["webhook_id"] = message.webhook
    if message.reference or message.reference_channel:
        view["message_reference"] = _reference_view(place, message)
    if message.kind in (REPLY, THREAD_STARTER) and not nested:
        origin = place.channels.get(message.reference_channel)
        answered = origin.messages.get(message.reference) if origin else None
        view["referenced_message"] = message_view(place, answered, viewer, base_url, nested=True) if answered else None
    thread = place.channels.get(message.id)
    if thread and thread.parent == message.channel:
        view["thread"] = channel_view(place, thread, viewer)
    return view


def _author_view(place: Community, message: Message) -> Body:
    if message.webhook:
        user = User(message.webhook, message.webhook_name, message.webhook_name, True, "")
        return user_view(user) | {"global_name": None}
    return user_view(place.users[message.author])


def _reference_view(place: Community, message: Message) -> Body:
    reference: Body = {"type": 0, "channel_id": message.reference_channel}
    if message.reference:
        reference["message_id"] = message.reference
    if place.channels[message.channel].kind != DIRECT:
        reference["guild_id"] = place.guild
    return reference


def webhook_view(place: Community, webhook: Webhook, *, with_user: bool = True) -> Body:
    """A webhook with its token."""
    view: Body = {
        "id": webhook.id,
        "type": 1,
        "application_id": None,
        "avatar": None,
        "channel_id": webhook.channel,
        "guild_id": place.guild,
        "name": webhook.name,
        "token": webhook.token,
    }
    return view | {"user": user_view(place.users[webhook.creator])} if with_user else view
