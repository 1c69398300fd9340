"""What decisions need to know of a service beyond the request: channel names, default branches, kinds of numbers.

It is learnt from answers that pass through, and asked of the service itself with the real credential otherwise; never
taken from the agent.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from practicum.bus.events import Json

Ask = Callable[[str], Awaitable[Json]]
"""Given a path below the service's API, the parsed answer of a GET; None when there is none."""

_SLACK_ID = re.compile(r"[CGDUW][A-Z0-9]{2,}")
_DISCORD_THREADS = (10, 11, 12)
"""Channel types that are threads (discord.com/developers/docs/resources/channel, channel types)."""


class SlackChannels:
    """Slack's channel ids and names."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def learn(self, answer: Json) -> None:
        """Take what an answer of the Web API says about channels."""
        if not isinstance(answer, dict):
            return
        channels = answer.get("channels")
        for channel in [answer.get("channel"), *(channels if isinstance(channels, list) else [])]:
            if isinstance(channel, dict) and isinstance(identity := channel.get("id"), str):
                name = channel.get("name")
                if isinstance(name, str) and name and not channel.get("is_im"):
                    self._names[identity] = name

    def known(self, channel: str) -> str:
        """The name of a channel given by id or name; the id where nothing is known."""
        return self._names.get(channel, channel) if _SLACK_ID.fullmatch(channel) else channel.removeprefix("#")

    async def name_of(self, channel: str, ask: Ask) -> str:
        """The same, asking the service for an id that is not known yet."""
        if _SLACK_ID.fullmatch(channel) and channel not in self._names and channel[0] not in "UW":
            self.learn(await ask(f"/conversations.info?channel={channel}"))
        return self.known(channel)


class DiscordChannels:
    """Discord's channel ids and names; a thread counts as its parent."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._parents: dict[str, str] = {}

    def learn(self, answer: Json) -> None:
        """Take what an answer, or an event of the gateway, says about channels."""
        for found in answer if isinstance(answer, list) else [answer]:
            if not isinstance(found, dict):
                continue
            for list_name in ("channels", "threads"):
                if isinstance(inner := found.get(list_name), list):
                    self.learn(inner)
            identity, name, kind = found.get("id"), found.get("name"), found.get("type")
            if isinstance(identity, str) and isinstance(name, str) and isinstance(kind, int):
                parent = found.get("parent_id")
                if kind in _DISCORD_THREADS and isinstance(parent, str):
                    self._parents[identity] = parent
                elif "guild_id" in found or "position" in found or "permission_overwrites" in found:
                    self._names[identity] = name

    def known(self, channel: str) -> str:
        """The name of a channel given by id; the id where nothing is known."""
        channel = self._parents.get(channel, channel)
        return self._names.get(channel, channel)

    async def name_of(self, channel: str, ask: Ask) -> str:
        """The same, asking the service for an id that is not known yet."""
        for _ in range(2):  # a thread, then its parent
            channel = self._parents.get(channel, channel)
            if channel.isdigit() and channel not in self._names:
                self.learn(await ask(f"/channels/{channel}"))
        return self.known(channel)


class Repositories:
    """Facts about GitHub's repositories."""

    def __init__(self) -> None:
        self._default_branches: dict[str, str] = {}
        self._is_pull: dict[tuple[str, str], bool] = {}

    def learn(self, answer: Json) -> None:
        """Take what an answer says about a repository."""
        if isinstance(answer, dict):
            name, branch = answer.get("full_name"), answer.get("default_branch")
            if isinstance(name, str) and isinstance(branch, str):
                self._default_branches[name] = branch

    async def default_branch(self, repository: str, ask: Ask) -> str:
        """The default branch; empty when the service does not say."""
        if repository not in self._default_branches:
            self.learn(await ask(f"/repos/{repository}"))
        return self._default_branches.get(repository, "")

    async def is_pull(self, repository: str, number: str, ask: Ask) -> bool:
        """Whether a number is a pull request's; it never changes, so it is asked once."""
        key = (repository, number)
        if key not in self._is_pull:
            answer = await ask(f"/repos/{repository}/pulls/{number}")
            if not isinstance(answer, dict):
                return False
            self._is_pull[key] = isinstance(answer.get("number"), int)
        return self._is_pull[key]
