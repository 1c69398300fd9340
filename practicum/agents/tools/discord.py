"""Discord, through discord.py and the gateway."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from practicum.agents.context import ToolContext
from practicum.api.tool import ToolError, tool

if TYPE_CHECKING:
    import discord

Channel = Annotated[str, Field(description="Channel name, such as announcements")]


class DiscordMessage(BaseModel):
    """A message in a channel."""

    channel: str
    id: str
    author: str
    text: str
    reply_to: str = ""


@asynccontextmanager
async def _channel(context: ToolContext, name: str) -> AsyncIterator[discord.TextChannel]:
    """A logged-in client's channel. REST only: the agent hears of messages over the bus.

    Raises:
        ToolError: no such channel, or Discord refused.
    """
    discord = importlib.import_module("discord")
    http = importlib.import_module("discord.http")
    access = context.service("discord")
    http.Route.BASE = access.url if access.url.endswith("/v10") else f"{access.url}/api/v10"
    client = discord.Client(intents=discord.Intents.none())
    client.http.user_agent = f"DiscordBot practicum-cause/{context.cause}"
    try:
        await client.login(access.token)
        wanted = name.removeprefix("#")
        known: dict[str, int] = context.clients.setdefault("discord channels", {})
        if wanted not in known:
            async for guild in client.fetch_guilds():
                known.update({item.name: item.id for item in await guild.fetch_channels()})
        if wanted not in known:
            raise ToolError(f"there is no Discord channel {name!r}; there are: {', '.join(sorted(known))}")
        yield await client.fetch_channel(known[wanted])
    except discord.LoginFailure as error:
        raise ToolError("Discord refused the lease") from error
    except discord.HTTPException as error:
        raise ToolError(f"Discord answered {error.status}: {error.text}") from error
    finally:
        await client.close()


@tool(effect="once")
async def discord_post(
    context: ToolContext,
    channel: Channel,
    text: str,
    reply_to: Annotated[str, Field(description="Id of the message to answer")] = "",
) -> DiscordMessage:
    """Post a message in a Discord channel."""
    async with _channel(context, channel) as target:
        if reply_to:
            made = await target.send(text, reference=target.get_partial_message(int(reply_to)))
        else:
            made = await target.send(text)
        return DiscordMessage(
            channel=channel, id=str(made.id), author=made.author.name, text=made.content, reply_to=reply_to
        )


@tool(effect="read")
async def discord_history(
    context: ToolContext, channel: Channel, limit: Annotated[int, Field(ge=1, le=100)] = 50
) -> list[DiscordMessage]:
    """The last messages of a channel, oldest first."""
    async with _channel(context, channel) as target:
        found = [item async for item in target.history(limit=limit)]
        return [
            DiscordMessage(
                channel=channel,
                id=str(item.id),
                author=item.author.name,
                text=item.content,
                reply_to=str(item.reference.message_id) if item.reference else "",
            )
            for item in reversed(found)
        ]


DISCORD = (discord_post, discord_history)
