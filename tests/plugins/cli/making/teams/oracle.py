"""Has a plugin made from a specification and from files of its own, and uses its actions in the same run."""

import json

from practicum.agents.filters import task_given
from practicum.agents.tools.files import write_file
from practicum.agents.tools.plugin_jobs import cancel_plugin, create_plugin, list_plugin_jobs, plugin_status
from practicum.agents.tools.plugins import use_plugin
from practicum.agents.tools.team import finish
from practicum.models.script import Turn, script

SPEC = """
name: warmth
description: Converts temperatures.
actions:
  - name: to_fahrenheit
    description: Degrees Celsius as degrees Fahrenheit.
    parameters: [{name: celsius, type: number}]
    returns: number
    effect: read
    formula: celsius * 9 / 5 + 32
    examples: [{input: {celsius: 100}, output: 212}]
"""

VAGUE = """
name: oracle-of-delphi
description: Knows everything.
actions:
  - {name: ask, description: The answer to any question., parameters: [{name: question}], returns: string}
"""

OWN = """
name: doubler
description: Doubles numbers.
actions:
  - name: double
    description: Twice the number.
    parameters: [{name: number, type: integer}]
    returns: integer
    effect: read
    examples: [{input: {number: 2}, output: 4}]
"""

CODE = '''"""Doubles numbers."""

from practicum.api.plugin import Plugin, PluginContext, action


@action(effect="read")
async def double(context: PluginContext, number: int) -> int:
    """Twice the number."""
    return number RESULT


plugin = Plugin(name="doubler", version="0.1.0", description="Doubles numbers.", actions=(double,))
'''


@script("user")
async def user(turn: Turn) -> None:
    await turn.until(task_given())
    made = await turn.call(create_plugin, specification=SPEC)
    seen = {"state": made.state, "checks": made.checks}
    seen["warm"] = await turn.call(use_plugin, plugin="warmth", action="to_fahrenheit", args={"celsius": 37})
    vague = await turn.call(create_plugin, specification=VAGUE, wait_s=0)
    seen["begun"] = vague.state
    ended = await turn.call(plugin_status, job=vague.job, wait_s=60)
    seen["vague"] = [ended.state, ended.reason]
    heat = SPEC.replace("warmth", "heat").replace("to_f", "in_f")
    third = await turn.call(create_plugin, specification=heat, wait_s=0)
    seen["cancelled"] = (await turn.call(cancel_plugin, job=third.job)).state
    seen["jobs"] = [[job.plugin, job.state] for job in await turn.call(list_plugin_jobs)]
    files = {"src/doubler_plugin/__init__.py": CODE.replace("RESULT", "+ 1")}
    wrong = await turn.call(create_plugin, specification=OWN, files=files)
    seen["wrong"] = [wrong.state, " ".join(wrong.errors)]
    files = {"src/doubler_plugin/__init__.py": CODE.replace("RESULT", "* 2")}
    seen["mended"] = (await turn.call(create_plugin, specification=OWN, files=files)).state
    seen["doubled"] = await turn.call(use_plugin, plugin="doubler", action="double", args={"number": 21})
    net = SPEC.replace("warmth", "leak") + "capabilities: [net]\nhosts: [example.invalid]\n"
    seen["net"] = str(await turn.attempt(create_plugin, specification=net))
    key = SPEC.replace("warmth", "key") + "environment: [{name: API_TOKEN}]\n"
    seen["variable"] = str(await turn.attempt(create_plugin, specification=key))
    seen["theirs"] = str(await turn.attempt(create_plugin, specification=SPEC.replace("warmth", "of-the-operator")))
    seen["stranger"] = str(await turn.attempt(plugin_status, job="weather-00000000"))
    seen["nonsense"] = str(await turn.attempt(create_plugin, specification="- 1"))
    await turn.call(write_file, path="seen.json", content=json.dumps(seen))
    await turn.call(finish, summary="it is warm")
