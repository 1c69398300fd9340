"""Never comes to an end: something is always on its way, so that a kill hits the middle of it."""

from practicum.agents.filters import task_given, timer
from practicum.agents.tools.files import write_file
from practicum.agents.tools.git import git_clone
from practicum.agents.tools.github import comment, open_issue
from practicum.agents.tools.shell import run_command
from practicum.agents.tools.team import send_message, set_timer
from practicum.models.script import Turn, script


@script("lead")
async def lead(turn: Turn) -> None:
    await turn.until(task_given())
    issue = await turn.call(open_issue, title="Keep busy", assignees=["dev"])
    await turn.call(send_message, to="ops", text="wait with me")
    for number in range(900):
        await turn.call(comment, number=issue.number, body=f"still here, {number}")


@script("developer")
async def developer(turn: Turn) -> None:
    await turn.until(lambda event: event.type == "world.changed")
    await turn.call(git_clone, repo="acme/clock")
    await turn.call(run_command, command="sleep 40")
    await turn.call(write_file, path="after.txt", content="slept")


@script("devops")
async def devops(turn: Turn) -> None:
    waiting = await turn.call(set_timer, seconds=45)
    await turn.until(timer(waiting.timer))
