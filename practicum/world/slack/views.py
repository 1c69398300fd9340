"""Users, channels, messages and files as the Web API shows them (docs.slack.dev/reference/objects)."""

from __future__ import annotations

from urllib.parse import quote

from practicum.bus.events import Json
from practicum.world.slack.model import Channel, File, Message, User
from practicum.world.slack.workspace import Workspace

Body = dict[str, Json]


def user_view(space: Workspace, user: User) -> Body:
    """A user object."""
    return {
        "id": user.id,
        "team_id": space.id,
        "name": user.login,
        "deleted": False,
        "color": "9f69e7",
        "real_name": user.name,
        "tz": "Etc/UTC",
        "tz_label": "Coordinated Universal Time",
        "tz_offset": 0,
        "profile": profile_view(space, user),
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_email_confirmed": True,
        "updated": 0,
    }


def profile_view(space: Workspace, user: User) -> Body:
    """A user's profile; a bot's has its bot and app id too."""
    first, _, last = user.name.partition(" ")
    profile: Body = {
        "title": "",
        "phone": "",
        "skype": "",
        "real_name": user.name,
        "real_name_normalized": user.name,
        "display_name": user.login,
        "display_name_normalized": user.login,
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "avatar_hash": "",
        "email": user.email,
        "first_name": first,
        "last_name": last,
        "team": space.id,
    }
    if user.is_bot:
        profile |= {"bot_id": user.bot_id, "api_app_id": user.app_id}
    return profile


def bot_view(space: Workspace, user: User) -> Body:
    """The bot behind a bot user, as in `bot_profile` and `bots.info`."""
    return {
        "id": user.bot_id,
        "app_id": user.app_id,
        "user_id": user.id,
        "name": user.login,
        "deleted": False,
        "updated": 0,
        "team_id": space.id,
        "icons": {},
    }


def channel_view(space: Workspace, channel: Channel, viewer: User) -> Body:
    """A conversation object as one member sees it."""
    common: Body = {
        "id": channel.id,
        "created": channel.created,
        "updated": channel.created * 1000,
        "is_archived": channel.archived,
        "is_im": channel.kind == "im",
        "is_org_shared": False,
        "context_team_id": space.id,
    }
    if channel.kind == "im":
        others = [id for id in channel.members if id != viewer.id]
        return common | {"user": others[0] if others else viewer.id, "is_user_deleted": False, "priority": 0}
    return common | {
        "name": channel.name,
        "name_normalized": channel.name,
        "creator": channel.creator,
        "is_channel": channel.kind == "channel" and not channel.private,
        "is_group": channel.kind == "channel" and channel.private,
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.private,
        "is_general": False,
        "is_shared": False,
        "is_ext_shared": False,
        "is_pending_ext_shared": False,
        "is_member": viewer.id in channel.members,
        "unlinked": 0,
        "pending_shared": [],
        "parent_conversation": None,
        "shared_team_ids": [space.id],
        "previous_names": list(channel.previous_names),
        "num_members": len(channel.members),
        "topic": {"value": channel.topic, "creator": channel.topic_by, "last_set": channel.topic_at},
        "purpose": {"value": channel.purpose, "creator": channel.purpose_by, "last_set": channel.purpose_at},
    }


def message_view(space: Workspace, channel: Channel, message: Message, base_url: str) -> Body:
    """A message object, with its thread's summary when it has replies."""
    view: Body = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    if message.subtype:
        view["subtype"] = message.subtype
    author = space.users.get(message.user)
    if author and author.is_bot and message.subtype in ("", "me_message", "thread_broadcast"):
        view |= {
            "bot_id": author.bot_id,
            "app_id": author.app_id,
            "team": space.id,
            "bot_profile": bot_view(space, author),
        }
    if message.blocks:
        view["blocks"] = list(message.blocks)
    if message.attachments:
        view["attachments"] = list(message.attachments)
    if message.metadata:
        view["metadata"] = dict(message.metadata)
    if message.files:
        view["files"] = [file_view(space, space.files[id], base_url) for id in message.files if id in space.files]
    if message.edited_ts:
        view["edited"] = {"user": message.edited_by, "ts": message.edited_ts}
    if message.reactions:
        view["reactions"] = [
            {"name": one.name, "users": list(one.users), "count": len(one.users)} for one in message.reactions
        ]
    if any(pin.ts == message.ts for pin in channel.pins):
        view["pinned_to"] = [channel.id]
    return view | message.extra | _thread_view(channel, message)


def _thread_view(channel: Channel, message: Message) -> Body:
    if message.thread_ts:
        parent = channel.messages.get(message.thread_ts)
        return {"thread_ts": message.thread_ts, "parent_user_id": parent.user if parent else ""}
    replies = channel.replies(message.ts)
    if not replies:
        return {}
    authors = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(authors),
        "reply_users": list(authors[:5]),
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": False,
    }


def file_view(space: Workspace, file: File, base_url: str) -> Body:
    """A file object; `url_private` answers only to a token of the workspace."""
    link = f"{base_url}/slack/files/files-pri/{space.id}-{file.id}"
    suffix = file.name.rpartition(".")[2] if "." in file.name else ""
    shown = [space.channels[id] for id in file.shares if id in space.channels]
    shares: dict[str, Json] = {}
    for channel in shown:
        entries: list[Json] = [{"ts": ts, "channel_name": channel.name} for ts in file.shares[channel.id]]
        side = shares.setdefault("private" if channel.hidden else "public", {})
        if isinstance(side, dict):
            side[channel.id] = entries
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": file.mimetype,
        "filetype": file.snippet_type or suffix or "binary",
        "pretty_type": (file.snippet_type or suffix or "binary").upper(),
        "user": file.user,
        "user_team": space.id,
        "editable": bool(file.snippet_type),
        "size": file.size,
        "mode": "snippet" if file.snippet_type else "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": any(not channel.hidden for channel in shown),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "alt_txt": file.alt_text,
        "url_private": f"{link}/{quote(file.name)}",
        "url_private_download": f"{link}/download/{quote(file.name)}",
        "permalink": f"{base_url}/slack/files/{file.user}/{file.id}/{file.name}",
        "channels": [one.id for one in shown if not one.hidden],
        "groups": [one.id for one in shown if one.kind == "channel" and one.private],
        "ims": [one.id for one in shown if one.kind != "channel"],
        "shares": shares,
        "comments_count": 0,
        "has_rich_preview": False,
        "file_access": "visible",
    }
