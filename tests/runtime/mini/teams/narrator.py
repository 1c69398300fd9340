"""Says that everything is done, does nothing."""

from practicum.agents.filters import message, task_given
from practicum.agents.tools.team import finish, send_message
from practicum.models.script import Turn, script


@script("lead")
async def lead(turn: Turn) -> None:
    await turn.until(task_given())
    await turn.call(send_message, to="all", text="The pull request is merged, v1 is deployed and healthy.")


@script("developer")
async def developer(turn: Turn) -> None:
    turn.say("My pull request is merged.")


@script("devops")
async def devops(turn: Turn) -> None:
    await turn.until(message("lead"))
    await turn.call(finish, summary="v1 is deployed")
