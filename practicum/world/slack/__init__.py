"""A simulated Slack that slack-sdk cannot tell from the true one in what a team needs of it."""

from practicum.world.slack.service import Slack

__all__ = ["Slack"]
