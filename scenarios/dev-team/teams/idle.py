"""The team that does nothing."""

from practicum.models.script import Turn, script


async def _nothing(turn: Turn) -> None:
    turn.say("I am here.")


product_manager = script("product-manager")(_nothing)
lead = script("lead")(_nothing)
developer = script("developer")(_nothing)
qa = script("qa")(_nothing)
devops = script("devops")(_nothing)
