"""Calls mocked methods by name, and mocked and unmocked ones through the vendors' own packages."""

import json

from practicum.agents.filters import task_given
from practicum.agents.tools.files import write_file
from practicum.agents.tools.github import get_issue, list_issues, open_issue
from practicum.agents.tools.slack import slack_history, slack_post
from practicum.agents.tools.team import finish
from practicum.models.script import Turn, script


@script("caller")
async def caller(turn: Turn) -> None:
    await turn.until(task_given())
    seen = {
        "search": await turn.call("knowledge-base_search", input={"query": "refund", "limit": 3}),
        "unfit": str(await turn.attempt("knowledge-base_search", input={"query": "weather"})),
        "write": str(await turn.attempt("knowledge-base_write", args=["x"])),
        "convert": await turn.call("convert", args=[7, "EUR"]),
    }
    opened = await turn.call(open_issue, title="Of the world")
    seen["listed"] = [(issue.number, issue.title) for issue in await turn.call(list_issues)]
    seen["got"] = (await turn.call(get_issue, number=opened.number)).title
    seen["board"] = str(await turn.attempt(slack_post, channel="board", text="hello"))
    await turn.call(slack_post, channel="dev", text="hello")
    seen["dev"] = [message.text for message in await turn.call(slack_history, channel="dev")]
    await turn.call(write_file, path="seen.json", content=json.dumps(seen))
    await turn.call(finish, summary="asked")
