"""search.messages: words, `in:#channel` and `from:login`, over what the caller may read."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.slack.backend import Body, Call, method
from practicum.world.slack.model import Channel, Message


@method("search.messages")
async def search_messages(call: Call) -> Body:
    """Messages that hold every word of the query (without regard to case), newest first unless `sort_dir` is asc."""
    query = call.arguments.require("query", "no_query")
    count = max(1, min(100, call.arguments.integer("count", 20)))
    number = max(1, call.arguments.integer("page", 1))
    found = [
        (channel, message)
        for channel in call.space.channels.values()
        if call.user.id in channel.members
        for message in channel.messages.values()
        if _matches(call, channel, message, query)
    ]
    found.sort(key=lambda pair: pair[1].ts, reverse=call.arguments.text("sort_dir", "desc") != "asc")
    shown = found[(number - 1) * count : number * count]
    matches: list[Json] = [
        {
            "iid": f"{channel.id}-{message.ts}",
            "type": "message",
            "team": call.space.id,
            "channel": {
                "id": channel.id,
                "name": channel.name,
                "is_channel": channel.kind == "channel",
                "is_group": False,
                "is_im": channel.kind == "im",
                "is_mpim": channel.kind == "mpim",
                "is_private": channel.private,
                "is_shared": False,
                "is_org_shared": False,
                "is_ext_shared": False,
                "is_pending_ext_shared": False,
                "pending_shared": [],
            },
            "user": message.user,
            "username": call.space.login(message.user),
            "ts": message.ts,
            "text": message.text,
            "permalink": f"{call.base_url}/slack/archives/{channel.id}/p{message.ts.replace('.', '')}",
        }
        for channel, message in shown
    ]
    pages = (len(found) + count - 1) // count
    return {
        "query": query,
        "messages": {
            "total": len(found),
            "matches": matches,
            "pagination": {
                "total_count": len(found),
                "page": number,
                "per_page": count,
                "page_count": pages,
                "first": (number - 1) * count + 1 if shown else 0,
                "last": (number - 1) * count + len(shown),
            },
            "paging": {"count": count, "total": len(found), "page": number, "pages": pages},
        },
    }


def _matches(call: Call, channel: Channel, message: Message, query: str) -> bool:
    text = call.space.readable(message.text).lower()
    for word in query.lower().split():
        if word.startswith("in:"):
            if word.removeprefix("in:").lstrip("#") not in (channel.name, channel.id.lower()):
                return False
        elif word.startswith("from:"):
            wanted = word.removeprefix("from:").strip("<@>")
            if wanted not in (call.space.login(message.user).lower(), message.user.lower()):
                return False
        elif word.strip('"') not in text:
            return False
    return True
