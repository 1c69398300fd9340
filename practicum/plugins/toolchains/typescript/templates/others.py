"""The other modules of a plugin: providers, evaluators, tasks."""

from __future__ import annotations

import re

from practicum.plugins.specification import EvaluatorSpec, ProviderSpec, TaskSpec
from practicum.plugins.templates.fillings import FILLING
from practicum.plugins.templates.marker import UNIMPLEMENTED
from practicum.plugins.toolchains.typescript.templates.text import (
    comment,
    identifier,
    literal,
    string,
    upper,
)

_GROUP = re.compile(r"\(\?(?!:|=|!|<=|<!|P<[A-Za-z_]\w*>)")
_PYTHON_ONLY = re.compile(r"\\[AZzN]|\{,|[*+?}]\+|\(\?P=|\[\[|\[\]")
_EVERY = re.compile(r"^every (\d+) ?(s|m|h)$")
_CRON = {"* * * * *": 60_000, "0 * * * *": 3_600_000}
_MINUTES = re.compile(r"^\*/(\d+) \* \* \* \*$")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def providers_module(specs: tuple[ProviderSpec, ...]) -> str:
    """`src/providers.ts`."""
    head = [comment("What agents should know."), "", "import type { Provider } from '@elizaos/core';", ""]
    return "\n".join([*head, "\n\n".join(map(_provider, specs))]) + "\n"


def evaluators_module(specs: tuple[EvaluatorSpec, ...]) -> str:
    """`src/evaluators.ts`."""
    body = "\n\n".join(map(_evaluator, specs))
    same = ["import { same, type Json } from './json';"] if "same(" in body else []
    head = [
        comment("What says whether something is good. The value comes in `options.value`, or is the message's text."),
        "",
        "import type { Evaluator } from '@elizaos/core';",
        *same,
        "",
    ]
    return "\n".join([*head, body]) + "\n"


def tasks_module(specs: tuple[TaskSpec, ...]) -> str:
    """`src/tasks.ts`: workers, and what puts each on its schedule once the runtime has begun."""
    called = sorted({identifier(one.calls, "Action") for one in specs if one.calls})
    entries = "\n".join(_task(one) for one in specs)
    types = ["IAgentRuntime", *(["Memory"] if called else []), "TaskWorker"]
    imports = [f"import type {{ {', '.join(types)} }} from '@elizaos/core';"]
    imports += [f"import {{ {', '.join(called)} }} from './actions';"] if called else []
    return f"""{comment("What is done on a schedule.")}

{chr(10).join(imports)}

interface Scheduled {{
  worker: TaskWorker;
  description: string;
  schedule: string;
  milliseconds: number;
}}

export const tasks: Scheduled[] = [
{entries}
];

/** Register the workers; their tasks are made when the runtime has begun, and are not there yet. */
export async function registerTasks(runtime: IAgentRuntime): Promise<void> {{
  for (const {{ worker }} of tasks) runtime.registerTaskWorker(worker);
  runtime.initPromise.then(() => schedule(runtime)).catch((error: unknown) => {{
    runtime.logger.error(`tasks cannot be scheduled: ${{String(error)}}`);
  }});
}}

async function schedule(runtime: IAgentRuntime): Promise<void> {{
  for (const one of tasks) {{
    if ((await runtime.getTasksByName(one.worker.name)).length > 0) continue;
    await runtime.createTask({{
      name: one.worker.name,
      description: one.description,
      tags: ['queue', 'repeat'],
      metadata: {{ updateInterval: one.milliseconds, schedule: one.schedule }},
    }});
  }}
}}
"""


def every(schedule: str) -> int:
    """Milliseconds between two times; 0 for a schedule that elizaOS does not have, which knows only intervals."""
    text = " ".join(schedule.split())
    if match := _EVERY.match(text):
        return int(match[1]) * _SECONDS[match[2]] * 1000
    if match := _MINUTES.match(text):
        return int(match[1]) * 60_000
    return _CRON.get(text, 0)


def pattern(text: str) -> str:
    """A regular expression of Python as one of JavaScript; empty where both would not mean the same."""
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return ""
    if _GROUP.search(text) or _PYTHON_ONLY.search(text):
        return ""
    return f"^(?:{text.replace('(?P<', '(?<')})$"


def unimplemented(name: str) -> str:
    """What stands where the specification does not say what to do."""
    return f"throw new Error({string(f'{UNIMPLEMENTED} {name} works')});"


def _provider(spec: ProviderSpec) -> str:
    parts: list[str] = []
    position = 0
    for match in FILLING.finditer(spec.text):
        if match.start() > position:
            parts.append(string(spec.text[position : match.start()]))
        key = match[1].partition(".")[2]
        parts.append("new Date().toISOString()" if match[1] == "now" else f"(runtime.getSetting({string(key)}) ?? '')")
        position = match.end()
    if position < len(spec.text):
        parts.append(string(spec.text[position:]))
    body = f"return {{ text: [{', '.join(parts)}].join('') }};" if parts else unimplemented(spec.name)
    return f"""{comment(spec.description)}
export const {identifier(spec.name, "Provider")}: Provider = {{
  name: {string(upper(spec.name))},
  description: {string(spec.description)},
  get: async ({"runtime" if "runtime." in body else ""}) => {{
    {body}
  }},
}};"""


def _evaluator(spec: EvaluatorSpec) -> str:
    name = identifier(spec.name, "Evaluator")
    before: list[str] = []
    made = pattern(spec.pattern) if spec.pattern else ""
    if made:
        text = [
            f"const passed = new RegExp({string(made)}).test(String(value));",
            "const text = passed ? 'fits the pattern' : 'does not fit the pattern';",
        ]
    elif spec.examples:
        table = identifier(spec.name, "Examples")
        before = [f"const {table}: {{ value: Json; passed: boolean; error: string }}[] = ["]
        for one in spec.examples:
            known = {"value": one.input.get("value"), "passed": bool(one.output), "error": one.error}
            before.append(f"  {literal(known, 2)},")
        before += ["];", ""]
        text = [
            f"const known = {table}.find((one) => same(one.value, value));",
            "if (known === undefined) throw new Error("
            + string(f"{spec.name}: not specified for this value: no example covers it")
            + ");",
            "if (known.error !== '') throw new Error(known.error);",
            "const passed = known.passed;",
            "const text = 'as in an example of the specification';",
        ]
    else:
        text = []
    if text:
        body = [
            "const value: unknown = options?.['value'] ?? message.content.text ?? '';",
            *text,
            "return { success: true, text, data: { passed } };",
        ]
    else:
        body = [unimplemented(spec.name)]
    arguments = "_runtime, message, _state, options" if text else ""
    return "\n".join(
        [
            *before,
            comment(spec.description),
            f"export const {name}: Evaluator = {{",
            f"  name: {string(upper(spec.name))},",
            f"  description: {string(spec.description)},",
            "  examples: [],",
            "  validate: async () => true,",
            f"  handler: async ({arguments}) => {{",
            *(f"    {line}" for line in body),
            "  },",
            "};",
        ]
    )


def _task(spec: TaskSpec) -> str:
    body = [unimplemented(spec.name)]
    if spec.calls:
        called = identifier(spec.calls, "Action")
        body = [
            "const message = { entityId: runtime.agentId, roomId: runtime.agentId, content: { text: '' } } as Memory;",
            f"const result = await {called}.handler(runtime, message, undefined, {{ parameters: {{}} }});",
            "if (result?.success !== true) throw result?.error ?? new Error('it failed');",
            f"runtime.logger.info({string(f'{spec.calls}: ')} + String(result.text));",
        ]
    lines = [
        "  {",
        f"    description: {string(spec.description)},",
        f"    schedule: {string(spec.schedule)},",
        f"    milliseconds: {every(spec.schedule)},",
        "    worker: {",
        f"      name: {string(upper(spec.name))},",
        f"      execute: async ({'runtime' if spec.calls else ''}) => {{",
        *(f"        {line}" for line in body),
        "      },",
        "    },",
        "  },",
    ]
    return "\n".join(lines)
