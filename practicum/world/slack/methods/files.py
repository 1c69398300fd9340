"""files.getUploadURLExternal, completeUploadExternal, info, list, delete."""

from __future__ import annotations

import mimetypes

from practicum.bus.events import Json
from practicum.world.slack.backend import Body, Call, method
from practicum.world.slack.errors import SlackError
from practicum.world.slack.methods.chat import thread_root
from practicum.world.slack.model import Channel, File, Message
from practicum.world.slack.posting import message_facts, post
from practicum.world.slack.views import file_view
from practicum.world.slack.workspace import may_see


@method("files.getUploadURLExternal")
async def get_upload_url(call: Call) -> Body:
    """An address to send a file to. The address is the permission: single-use, as Slack's is."""
    name = call.arguments.require("filename")
    length = call.arguments.integer("length", 0)
    if length <= 0:
        raise SlackError("missing_length" if not length else "invalid_length")
    file = File(call.space.new_id("F"), name, call.user.id, call.space.stamps.seconds(), length)
    file.mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    file.alt_text, file.snippet_type = call.arguments.text("alt_txt"), call.arguments.text("snippet_type")
    call.space.files[file.id] = file
    return {"upload_url": call.backend.uploads.open(file, call.base_url), "file_id": file.id}


@method("files.completeUploadExternal")
async def complete_upload(call: Call) -> Body:
    """Make uploaded files visible and show them in a channel, in one message."""
    files = [_uploaded(call, entry) for entry in call.arguments.items("files", "invalid_arguments")]
    if not files:
        raise SlackError("no_files")
    references = call.arguments.words("channels") or call.arguments.words("channel_id")
    channels = [_target(call, reference) for reference in references]
    thread = call.arguments.text("thread_ts")
    for file in files:
        file.ready = True
    for channel in channels:
        root = thread_root(channel, thread) if thread else ""
        await _share(call, channel, files, root)
    return {"files": [file_view(call.space, file, call.base_url) for file in files]}


@method("files.info")
async def info(call: Call) -> Body:
    """One file."""
    file = _visible(call)
    return {
        "file": file_view(call.space, file, call.base_url),
        "comments": [],
        "response_metadata": {"next_cursor": ""},
    }


@method("files.list")
async def list_files(call: Call) -> Body:
    """The files that the caller may see, newest first."""
    channel = call.channel().id if "channel" in call.arguments else ""
    user = call.arguments.text("user")
    count = max(1, min(1000, call.arguments.integer("count", 100)))
    number = max(1, call.arguments.integer("page", 1))
    found = [
        file
        for file in reversed(call.space.files.values())
        if file.ready
        and may_see(call.space, file, call.user)
        and (not channel or channel in file.shares)
        and user in ("", file.user)
    ]
    shown = found[(number - 1) * count : number * count]
    return {
        "files": [file_view(call.space, file, call.base_url) for file in shown],
        "paging": {"count": count, "total": len(found), "page": number, "pages": -(-len(found) // count)},
    }


@method("files.delete")
async def delete(call: Call) -> Body:
    """Delete one's own file; messages that showed it stay."""
    file = _visible(call)
    if file.user != call.user.id:
        raise SlackError("cant_delete_file")
    del call.space.files[file.id]
    await call.backend.blobs.remove(file.id)
    facts: dict[str, Json] = {"file": file.name, "file_id": file.id}
    await call.news.changed("file.deleted", call.user, file.name, facts, cause=call.cause)
    return {}


def _visible(call: Call) -> File:
    file = call.space.files.get(call.arguments.text("file"))
    if file is None or not file.ready or not may_see(call.space, file, call.user):
        raise SlackError("file_not_found")
    return file


def _uploaded(call: Call, entry: Json) -> File:
    file = call.space.files.get(str(entry.get("id"))) if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or file is None or file.user != call.user.id or file.ready:
        raise SlackError("file_not_found")
    if call.backend.uploads.waiting(file):
        raise SlackError("file_upload_incomplete")
    file.title = str(entry.get("title") or file.name)
    return file


def _target(call: Call, reference: str) -> Channel:
    channel = call.space.channel(reference, call.user)
    if call.user.id not in channel.members:
        raise SlackError("not_in_channel")
    if channel.archived:
        raise SlackError("is_archived")
    return channel


async def _share(call: Call, channel: Channel, files: list[File], thread: str) -> None:
    message = Message(
        call.space.stamps.next(),
        call.user.id,
        call.arguments.text("initial_comment"),
        thread_ts=thread,
        subtype="file_share",
        files=[file.id for file in files],
        extra={"upload": True, "display_as_bot": False},
    )
    for file in files:
        file.shares.setdefault(channel.id, []).append(message.ts)
    await post(call.backend, channel, message, cause=call.cause)
    for file in files:
        facts = message_facts(call.backend, channel, message) | {"file": file.name, "file_id": file.id}
        facts |= {"size": file.size, "title": file.title}
        label = call.space.label(channel)
        await call.news.changed("file.shared", call.user, label, facts, cause=call.cause)
        event: Body = {
            "type": "file_shared",
            "file_id": file.id,
            "user_id": call.user.id,
            "file": {"id": file.id},
            "channel_id": channel.id,
            "event_ts": call.space.stamps.next(),
        }
        await call.news.push(event, channel, cause=call.cause)
