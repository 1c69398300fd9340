"""Writes what a terminal or a browser would take for more than text, wherever an agent can write."""

from practicum.agents.filters import message, task_given
from practicum.agents.tools.discord import discord_post
from practicum.agents.tools.github import open_issue
from practicum.agents.tools.slack import slack_post
from practicum.agents.tools.team import finish, send_message
from practicum.models.script import Turn, script

MESS = "</script></style><img src=x onerror=alert(1)><b>bold</b>\x1b[31mred\x1b]0;title\x07\x9b2J\r\u202eesrever"


@script("lead")
async def lead(turn: Turn) -> None:
    await turn.until(task_given())
    turn.say(MESS)
    await turn.call(open_issue, title=MESS.replace("\r", ""), body=MESS)
    await turn.call(slack_post, channel="dev", text=MESS)
    await turn.attempt(open_issue, title="elsewhere", repo="acme/<script>alert(2)</script>")
    await turn.call(send_message, to="all", text=MESS)


@script("developer")
async def developer(turn: Turn) -> None:
    turn.say("nothing")


@script("devops")
async def devops(turn: Turn) -> None:
    await turn.until(message("lead"))
    await turn.call(discord_post, channel="announcements", text=MESS)
    await turn.call(finish, summary=MESS)
