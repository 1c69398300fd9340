"""A lead who turns the last line of a brief into an issue, and a developer who writes the word that it asks for."""

from __future__ import annotations

from practicum.agents.filters import changed, facts, issue_assigned, task_given
from practicum.agents.tools.files import read_file, write_file
from practicum.agents.tools.git import git_branch, git_clone, git_commit, git_push
from practicum.agents.tools.github import (
    assign_issue,
    merge_pull_request,
    open_issue,
    open_pull_request,
    pull_request_files,
    review_pull_request,
)
from practicum.agents.tools.shell import run_command
from practicum.agents.tools.team import finish
from practicum.models.script import Turn, script


@script("lead")
async def lead(turn: Turn) -> None:
    """From the brief to a merged pull request."""
    task = await turn.until(task_given())
    issue = await turn.call(open_issue, title=task.body.text.strip().splitlines()[-1], body="As the brief says.")
    await turn.call(assign_issue, number=issue.number, assignees=turn.agents("developer"))
    opened = facts(await turn.until(changed("github.pull_request.opened")))
    files = await turn.call(pull_request_files, number=opened["number"])
    body = "Read: " + ", ".join(file.path for file in files)
    await turn.call(review_pull_request, number=opened["number"], event="APPROVE", body=body)
    await turn.call(merge_pull_request, number=opened["number"], sha=opened["sha"])
    await turn.call(finish, summary=f"#{issue.number} is done")


@script("developer")
async def developer(turn: Turn) -> None:
    """One issue, one branch, one pull request."""
    issue = facts(await turn.until(issue_assigned(turn.me)))
    await turn.call(git_clone, repo="acme/tool", path="tool")
    await turn.call(git_branch, path="tool", name="greeting")
    before = await turn.call(read_file, path="tool/greeting.py")
    word = issue["title"].rpartition(" ")[2].strip(".")
    await turn.call(write_file, path="tool/greeting.py", content=before.replace("hello", word))
    tested = await turn.call(run_command, command="python3 -m unittest discover", cwd="tool")
    if tested.exit_code:
        raise RuntimeError(tested.stderr)
    await turn.call(git_commit, path="tool", message=f"Say {word}")
    await turn.call(git_push, path="tool")
    await turn.call(
        open_pull_request, title=f"Say {word}", head="greeting", body=f"Closes #{issue['number']}", base="main"
    )
