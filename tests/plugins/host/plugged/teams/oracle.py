"""Calls the plugin all the time, through every version that comes, until it finds the file `go`."""

import json

from practicum.agents.filters import task_given, timer
from practicum.agents.tools.files import read_file, write_file
from practicum.agents.tools.plugins import list_plugins, use_plugin
from practicum.agents.tools.team import finish, set_timer
from practicum.models.script import Pending, ToolFailed, Turn, script


@script("user")
async def user(turn: Turn) -> None:
    await turn.until(task_given())
    early = await turn.attempt(use_plugin, plugin="counter", action="count", args={"number": 0})
    seen = {"early": str(early), "early_list": len(await turn.call(list_plugins)), "answers": []}
    while isinstance(await turn.attempt(use_plugin, plugin="counter", action="count", args={"number": 0}), ToolFailed):
        set_one = await turn.call(set_timer, seconds=0.2)
        await turn.until(timer(set_one.timer))
    await turn.call(write_file, path="saw-0.1.0", content="")
    number, found = 0, "0.1.0"
    while isinstance(await turn.attempt(read_file, path="go"), ToolFailed):
        asked = [
            Pending(use_plugin, {"plugin": "counter", "action": "count", "args": {"number": number + one, "wait": 0.1}})
            for one in range(3)
        ]
        answers = await turn.gather(*asked)
        seen["answers"] += answers
        number += 3
        newest = max(answer[0] for answer in answers)
        if newest != found:
            found = newest
            await turn.call(write_file, path=f"saw-{found}", content="")
    [shown] = await turn.call(list_plugins)
    seen["listed"] = {"version": shown.version, "actions": [action.name for action in shown.actions]}
    seen["wrong"] = str(await turn.attempt(use_plugin, plugin="counter", action="count", args={"number": "many"}))
    seen["unit"] = await turn.call(use_plugin, plugin="counter", action="unit")
    await turn.call(write_file, path="seen.json", content=json.dumps(seen))
    await turn.call(finish, summary="counted")
