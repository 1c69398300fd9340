"""What a scenario may put into the community before it begins."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from practicum.bus.events import Json
from practicum.errors import UsageError
from practicum.world.discord.backend import Backend
from practicum.world.discord.composing import apply_mentions
from practicum.world.discord.model import ANNOUNCEMENT, TEXT, User
from practicum.world.discord.posting import draft
from practicum.world.discord.rates import Rates


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ChannelSeed(_Strict):
    """A channel; a plain string is its name. Without `members` everybody is in it."""

    name: str
    topic: str = ""
    announcement: bool = False
    members: list[str] | None = None
    """Logins of who alone may see it."""


class UserSeed(_Strict):
    """A person from outside the team."""

    login: str
    name: str = ""


class MessageSeed(_Strict):
    """A message that is there from the beginning; no event tells of it."""

    channel: str
    user: str
    text: str


class RateSeed(_Strict):
    """Rate limits of every bucket, where the scenario wants them narrow: Discord's own are about 5 in 5 s."""

    calls: int = Field(gt=0)
    seconds: float = Field(gt=0)


class DiscordSeed(_Strict):
    """`world.discord` of a scenario."""

    guild: str = ""
    """The guild's name."""
    channels: list[ChannelSeed] = []
    users: list[UserSeed] = []
    messages: list[MessageSeed] = []
    rate_limit: RateSeed | None = None

    @field_validator("channels", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        if isinstance(value, list):
            return [{"name": one.removeprefix("#")} if isinstance(one, str) else one for one in value]
        return value


def seed_community(backend: Backend, rates: Rates, seed: Mapping[str, Json]) -> None:
    """Bring a seed in, on top of what is there.

    Raises:
        UsageError: when it is not of the form of `DiscordSeed`, or names a channel or user that is not there.
    """
    try:
        wanted = DiscordSeed.model_validate(dict(seed))
    except ValidationError as error:
        raise UsageError(f"the seed of Discord is not right: {error}") from error
    place = backend.place
    place.name = wanted.guild or place.name
    if wanted.rate_limit:
        rates.calls, rates.seconds = wanted.rate_limit.calls, wanted.rate_limit.seconds
    for person in wanted.users:
        place.add_person(person.login, person.name)
    for one in wanted.channels:
        if place.channel_by_name(one.name):
            raise UsageError(f"the seed of Discord names the channel {one.name!r} twice")
        channel = place.add_channel(one.name, ANNOUNCEMENT if one.announcement else TEXT)
        channel.topic = one.topic
        if one.members is not None:
            place.hide(channel, [_known(backend, login) for login in one.members])
    for message in wanted.messages:
        found = place.channel_by_name(message.channel.removeprefix("#"))
        if found is None:
            raise UsageError(f"the seed of Discord has a message for {message.channel!r}, but no such channel")
        author = _known(backend, message.user)
        new = draft(backend, found, author.id)
        new.content = message.text
        apply_mentions(place, found, author, new, {})
        found.messages[new.id] = new
        found.last_message = new.id


def _known(backend: Backend, login: str) -> User:
    user = backend.place.user_by_login(login)
    if user is None:
        raise UsageError(f"the seed of Discord names the user {login!r}, who is not there", hint="add it to users")
    return user
