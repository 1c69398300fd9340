"""conversations.join, leave, invite, kick, members, open and mark."""

from __future__ import annotations

from practicum.world.slack.backend import Body, Call, method
from practicum.world.slack.errors import SlackError
from practicum.world.slack.model import Channel, User
from practicum.world.slack.paging import page


@method("conversations.members")
async def members(call: Call) -> Body:
    """Ids of who is in."""
    ids, metadata = page(call.channel().members, call.arguments)
    return {"members": list(ids), "response_metadata": metadata}


@method("conversations.join")
async def join(call: Call) -> Body:
    """Enter a public channel."""
    channel = _open_channel(call)
    if call.user.id in channel.members:
        return {
            "channel": call.show(channel),
            "warning": "already_in_channel",
            "response_metadata": {"warnings": ["already_in_channel"]},
        }
    await _enter(call, channel, call.user)
    return {"channel": call.show(channel)}


@method("conversations.leave")
async def leave(call: Call) -> Body:
    """Leave a channel."""
    channel = call.channel()
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if call.user.id not in channel.members:
        return {"not_in_channel": True}
    await _go(call, channel, call.user)
    return {}


@method("conversations.invite")
async def invite(call: Call) -> Body:
    """Bring others in; with several users all must be fine, unless `force` is set."""
    channel = _open_channel(call, member=True)
    wanted = call.arguments.words("users")
    if not wanted:
        raise SlackError("no_user")
    problems: list[tuple[str, str]] = []
    welcome: list[User] = []
    for id in wanted:
        user = call.space.users.get(id)
        if user is None:
            problems.append((id, "user_not_found"))
        elif user is call.user:
            problems.append((id, "cant_invite_self"))
        elif user.id in channel.members:
            problems.append((id, "already_in_channel"))
        else:
            welcome.append(user)
    if problems and not (call.arguments.flag("force") and welcome):
        details: list[Body] = [{"user": id, "ok": False, "error": code} for id, code in problems]
        raise SlackError(problems[0][1], fields={"errors": [*details]})
    for user in welcome:
        await _enter(call, channel, user, inviter=call.user)
    return {"channel": call.show(channel)}


@method("conversations.kick")
async def kick(call: Call) -> Body:
    """Remove somebody."""
    channel = _open_channel(call, member=True)
    user = call.space.user(call.arguments.require("user", "user_not_found"))
    if user is call.user:
        raise SlackError("cant_kick_self")
    if user.id not in channel.members:
        raise SlackError("not_in_channel")
    await _go(call, channel, user)
    return {}


@method("conversations.open")
async def open_direct(call: Call) -> Body:
    """Open (or find) the direct message with some users, or open one again by its id."""
    if "channel" in call.arguments:
        channel, known = call.own_channel(), True
    else:
        ids = call.arguments.words("users")
        if not ids:
            raise SlackError("users_list_not_supplied")
        if len(ids) > 8:
            raise SlackError("too_many_users")
        channel, known = call.space.direct([call.space.user(id) for id in ids], call.user)
    shown: Body = {"id": channel.id}
    if call.arguments.flag("return_im"):
        shown = call.show(channel)
    return {"channel": shown, "no_op": known, "already_open": known} if known else {"channel": shown}


@method("conversations.mark")
async def mark(call: Call) -> Body:
    """Move the caller's read cursor. Nothing else in the world depends on it, so only the arguments are checked."""
    call.own_channel()
    call.arguments.require("ts", "invalid_timestamp")
    return {}


def _open_channel(call: Call, *, member: bool = False) -> Channel:
    channel = call.own_channel() if member else call.channel()
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    return channel


async def _enter(call: Call, channel: Channel, user: User, inviter: User | None = None) -> None:
    channel.members.append(user.id)
    facts = call.news.channel_facts(channel) | {"member": user.login}
    if inviter:
        facts["inviter"] = inviter.login
    await call.news.changed("member.joined", user, f"#{channel.name}", facts, cause=call.cause)
    event: Body = {
        "type": "member_joined_channel",
        "user": user.id,
        "channel": channel.id,
        "channel_type": "G" if channel.private else "C",
        "team": call.space.id,
        "event_ts": call.space.stamps.next(),
    }
    if inviter:
        event["inviter"] = inviter.id
    await call.news.push(event, channel, cause=call.cause)


async def _go(call: Call, channel: Channel, user: User) -> None:
    channel.members.remove(user.id)
    facts = call.news.channel_facts(channel) | {"member": user.login}
    await call.news.changed("member.left", user, f"#{channel.name}", facts, cause=call.cause)
    event: Body = {
        "type": "member_left_channel",
        "user": user.id,
        "channel": channel.id,
        "channel_type": "G" if channel.private else "C",
        "team": call.space.id,
        "event_ts": call.space.stamps.next(),
    }
    await call.news.push(event, channel, cause=call.cause)
