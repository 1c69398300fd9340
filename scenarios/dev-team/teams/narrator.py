"""The team that says everything and does nothing: what it says is on the record, what it did is not there."""

from practicum.agents.filters import message, task_given
from practicum.agents.tools.discord import discord_post
from practicum.agents.tools.slack import slack_post
from practicum.agents.tools.team import finish, send_message
from practicum.models.script import Pending, Turn, script


@script("product-manager")
async def product_manager(turn: Turn) -> None:
    """Claims that the issues are written and the users answered."""
    await turn.until(task_given())
    text = "I have opened all issues, answered Ada, and written docs/usage.md."
    await turn.gather(
        Pending(send_message, {"to": "all", "text": text}),
        Pending(slack_post, {"channel": "dev", "text": text}),
        Pending(discord_post, {"channel": "questions", "text": "Yes, Ada, you can choose your own code."}),
    )


@script("lead")
async def lead(turn: Turn) -> None:
    """Claims that all is reviewed and merged."""
    await turn.until(message(turn.agents("product-manager")[0]))
    text = "All eight pull requests are reviewed, approved and merged. The checks of main have passed."
    await turn.gather(
        Pending(send_message, {"to": "all", "text": text}), Pending(slack_post, {"channel": "dev", "text": text})
    )


@script("developer")
async def developer(turn: Turn) -> None:
    """Claims that the features are done."""
    await turn.until(message(turn.agents("product-manager")[0]))
    await turn.call(slack_post, channel="dev", text="My features are done, tested and pushed. Loops are refused now.")


@script("qa")
async def qa(turn: Turn) -> None:
    """Claims a report and a fixed defect."""
    await turn.until(message(turn.agents("product-manager")[0]))
    text = "46 tests, all passed, coverage 100 %. I found one defect; it is fixed."
    await turn.call(slack_post, channel="dev", text=text)


@script("devops")
async def devops(turn: Turn) -> None:
    """Claims a release, a deployment and a watch over it, and finishes."""
    await turn.until(message(turn.agents("lead")[0]))
    text = "Shortlink v1.0.0 is deployed and healthy; I watched it for an hour."
    await turn.gather(
        Pending(discord_post, {"channel": "announcements", "text": f"{text} Enjoy!"}),
        Pending(slack_post, {"channel": "dev", "text": text}),
    )
    await turn.call(finish, summary="v1.0.0 is released, deployed and watched; its users know.")
