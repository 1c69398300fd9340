from practicum.models.script import script
from practicum.agents.filters import task_given
from practicum.agents.tools.github import open_issue
from practicum.agents.tools.slack import slack_post
from practicum.agents.tools.discord import discord_post
from practicum.agents.tools.git import *
from practicum.agents.tools.files import *
from practicum.agents.tools.team import finish
@script("product-manager")
async def pm(turn):
    await turn.until(task_given())
    i = await turn.call(open_issue, title="A thing")
    await turn.call(slack_post, channel="dev", text=f"opened #{i.number}")
    await turn.call(discord_post, channel="questions", text="hello")
    c = await turn.call(git_clone, repo="acme/x")
    await turn.call(git_branch, path="x", name="b")
    await turn.call(write_file, path="x/a.txt", content="a")
    await turn.call(git_commit, path="x", message="a")
    await turn.call(git_push, path="x")
    await turn.call(finish, summary="done")
