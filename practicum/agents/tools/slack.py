"""Slack, through slack-sdk and the gateway."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field

from practicum.agents.context import ToolContext
from practicum.api.tool import ToolError, tool

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

Channel = Annotated[str, Field(description="Channel name, such as dev")]


class SlackMessage(BaseModel):
    """A message in a channel."""

    channel: str
    ts: str
    user: str = ""
    text: str = ""
    thread: str = ""


class SlackFile(BaseModel):
    """A file that was shared."""

    id: str
    name: str


def _client(context: ToolContext) -> AsyncWebClient:
    from slack_sdk.web.async_client import AsyncWebClient

    access = context.service("slack")
    return AsyncWebClient(
        token=access.token,
        base_url=f"{access.url}/api/" if not access.url.endswith("/api") else f"{access.url}/",
        timeout=30,
        headers={"X-Practicum-Cause": context.cause},
    )


async def _do(context: ToolContext, call: Callable[[AsyncWebClient], Awaitable[Any]]) -> dict[str, Any]:
    from slack_sdk.errors import SlackApiError

    try:
        answer = await call(_client(context))
    except SlackApiError as error:
        raise ToolError(f"Slack answered: {error.response.get('error', error.response)}") from error
    data: dict[str, Any] = answer.data
    return data


async def channel_id(context: ToolContext, name: str) -> str:
    """A channel's id; the list is asked for once.

    Raises:
        ToolError: there is no such channel, or this role may not see it.
    """
    known: dict[str, str] = context.clients.setdefault("slack channels", {})
    wanted = name.removeprefix("#")
    if wanted not in known:
        data = await _do(context, lambda client: client.conversations_list(limit=1000))
        known.update({item["name"]: item["id"] for item in data["channels"]})
    if wanted not in known:
        raise ToolError(f"there is no Slack channel {name!r}; there are: {', '.join(sorted(known))}")
    return known[wanted]


@tool(effect="once")
async def slack_post(
    context: ToolContext,
    channel: Channel,
    text: str,
    thread: Annotated[str, Field(description="ts of the message to answer in its thread")] = "",
) -> SlackMessage:
    """Post a message in a Slack channel."""
    where = await channel_id(context, channel)
    data = await _do(
        context, lambda client: client.chat_postMessage(channel=where, text=text, thread_ts=thread or None)
    )
    return SlackMessage(channel=channel, ts=data["ts"], user=context.service("slack").login, text=text, thread=thread)


@tool(effect="idempotent")
async def slack_react(context: ToolContext, channel: Channel, ts: str, emoji: str) -> bool:
    """React to a message with an emoji (its name, without colons)."""
    where = await channel_id(context, channel)
    await _do(context, lambda client: client.reactions_add(channel=where, timestamp=ts, name=emoji.strip(":")))
    return True


@tool(effect="read")
async def slack_history(
    context: ToolContext, channel: Channel, limit: Annotated[int, Field(ge=1, le=200)] = 50
) -> list[SlackMessage]:
    """The last messages of a channel, oldest first."""
    where = await channel_id(context, channel)
    data = await _do(context, lambda client: client.conversations_history(channel=where, limit=limit))
    return [
        SlackMessage(
            channel=channel,
            ts=item["ts"],
            user=item.get("user", ""),
            text=item.get("text", ""),
            thread=item.get("thread_ts", ""),
        )
        for item in reversed(data["messages"])
    ]


@tool(effect="once")
async def slack_share_file(context: ToolContext, channel: Channel, path: str, title: str = "") -> SlackFile:
    """Share a file of the workspace in a channel."""
    where = await channel_id(context, channel)
    source = context.path(path)
    if not source.is_file():
        raise ToolError(f"{path}: no such file")
    data = await _do(
        context,
        lambda client: client.files_upload_v2(
            channel=where, file=str(source), filename=source.name, title=title or source.name
        ),
    )
    return SlackFile(id=data["files"][0]["id"], name=source.name)


SLACK = (slack_post, slack_react, slack_history, slack_share_file)
