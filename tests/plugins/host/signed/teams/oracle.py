"""Signs, and tries to be told the key."""

import json

from practicum.agents.filters import task_given
from practicum.agents.tools.files import write_file
from practicum.agents.tools.plugins import use_plugin
from practicum.agents.tools.team import finish
from practicum.models.script import ToolFailed, Turn, script


@script("user")
async def user(turn: Turn) -> None:
    await turn.until(task_given())
    signature = await turn.attempt(use_plugin, plugin="signer", action="sign", args={"text": "hello"})
    if isinstance(signature, ToolFailed):
        await turn.call(finish, summary=f"not signed: {signature}")
        return
    told = [
        str(await turn.attempt(use_plugin, plugin="signer", action="tell", args={"how": how}))
        for how in ("raw", "base64", "url", "error", "log")
    ]
    await turn.call(write_file, path="signed.json", content=json.dumps({"signature": signature, "told": told}))
    await turn.call(finish, summary="signed")
