"""What a scenario may put into the workspace before it begins."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from practicum.bus.events import Json
from practicum.errors import UsageError
from practicum.world.slack.backend import Backend
from practicum.world.slack.errors import SlackError
from practicum.world.slack.model import Message, User
from practicum.world.slack.request_url import RequestUrls, Subscription


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ChannelSeed(_Strict):
    """A channel; a plain string is its name. Without `members` everybody is in it."""

    name: str
    topic: str = ""
    purpose: str = ""
    private: bool = False
    members: list[str] | None = None


class UserSeed(_Strict):
    """A person from outside the team."""

    login: str
    name: str = ""
    email: str = ""


class MessageSeed(_Strict):
    """A message that is there from the beginning; no event tells of it."""

    channel: str
    user: str
    text: str


class SlackSeed(_Strict):
    """`world.slack` of a scenario."""

    channels: list[ChannelSeed] = []
    users: list[UserSeed] = []
    messages: list[MessageSeed] = []
    event_subscriptions: list[Subscription] = []

    @field_validator("channels", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        if isinstance(value, list):
            return [{"name": one.removeprefix("#")} if isinstance(one, str) else one for one in value]
        return value


async def seed_workspace(backend: Backend, urls: RequestUrls, seed: Mapping[str, Json]) -> None:
    """Bring a seed in, on top of what is there.

    Raises:
        UsageError: when it is not of the form of `SlackSeed`, or names a channel or user that is not there.
    """
    try:
        wanted = SlackSeed.model_validate(dict(seed))
    except ValidationError as error:
        raise UsageError(f"the seed of Slack is not right: {error}") from error
    space = backend.space
    for person in wanted.users:
        space.add_person(person.login, person.name, person.email)
    for channel in wanted.channels:
        _add_channel(backend, channel)
    for message in wanted.messages:
        found = space.channel_by_name(message.channel.removeprefix("#"))
        if found is None:
            raise UsageError(f"the seed of Slack has a message for {message.channel!r}, but no such channel")
        author = _known(backend, message.user)
        if author.id not in found.members:
            found.members.append(author.id)
        ts = space.stamps.next()
        found.messages[ts] = Message(ts, author.id, message.text)
    for subscription in wanted.event_subscriptions:
        await urls.subscribe(_known(backend, subscription.account), subscription)


def _add_channel(backend: Backend, wanted: ChannelSeed) -> None:
    space = backend.space
    members = (
        list(space.users.values()) if wanted.members is None else [_known(backend, login) for login in wanted.members]
    )
    if not members:
        raise UsageError(f"the Slack channel {wanted.name!r} has no members", hint="seed a user, or add an agent")
    try:
        channel = space.add_channel(wanted.name, members[0], private=wanted.private)
    except SlackError as error:
        raise UsageError(f"the Slack channel {wanted.name!r} cannot be made: {error.code}") from error
    channel.members = [user.id for user in members]
    channel.topic, channel.purpose = wanted.topic, wanted.purpose


def _known(backend: Backend, login: str) -> User:
    user = backend.space.user_by_login(login)
    if user is None:
        raise UsageError(f"the seed of Slack names the user {login!r}, who is not there", hint="add it to users")
    return user
