"""Says hello everywhere: one issue, one message on each chat, one pushed branch."""

from __future__ import annotations

from practicum.agents.filters import task_given
from practicum.agents.tools.discord import discord_post
from practicum.agents.tools.files import write_file
from practicum.agents.tools.git import git_branch, git_clone, git_commit, git_push
from practicum.agents.tools.github import open_issue
from practicum.agents.tools.slack import slack_post
from practicum.agents.tools.team import finish
from practicum.models.script import Turn, script


@script("product-manager")
async def product_manager(turn: Turn) -> None:
    """Everything once."""
    await turn.until(task_given())
    issue = await turn.call(open_issue, title="A thing")
    await turn.call(slack_post, channel="dev", text=f"opened #{issue.number}")
    await turn.call(discord_post, channel="questions", text="hello")
    await turn.call(git_clone, repo="acme/x", path="x")
    await turn.call(git_branch, path="x", name="hello")
    await turn.call(write_file, path="x/hello.txt", content="hello\n")
    await turn.call(git_commit, path="x", message="Say hello")
    await turn.call(git_push, path="x")
    await turn.call(finish, summary="done")
