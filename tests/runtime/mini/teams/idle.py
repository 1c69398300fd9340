"""Nobody does anything."""

from practicum.models.script import Turn, script


@script("lead")
async def lead(turn: Turn) -> None:
    turn.say("I would rather not.")


@script("developer")
async def developer(turn: Turn) -> None:
    turn.say("Nor I.")


@script("devops")
async def devops(turn: Turn) -> None:
    turn.say("Nor I.")
