"""`tests/specification.test.ts`: what the specification promises, as tests. A model cannot change this file."""

from __future__ import annotations

import re

from pydantic import JsonValue

from practicum.plugins.specification import Example, PluginSpecification
from practicum.plugins.toolchains.typescript.templates.text import literal, string, upper

_TITLE = "/** The specification as tests. Practicum writes this file, and puts it back when it was changed. */\n"

_RUNTIME = r"""
const runtime = {
  agentId: '00000000-0000-4000-8000-000000000003',
  character: { name: 'check', bio: 'Checks plugins.' },
  getSetting: () => null,
  getService: () => null,
  logger: console,
} as unknown as IAgentRuntime;
"""

_STATE = r"""
const state = (): State => ({ values: {}, data: {}, text: '' });
"""

_MESSAGE = r"""
function message(text: string): Memory {
  const id = '00000000-0000-4000-8000-000000000001';
  return { id, entityId: id, roomId: id, content: { text } };
}
"""

_FOUND = r"""
function found<Part extends { name: string }>(parts: Part[] | undefined, name: string): Part {
  const part = parts?.find((one) => one.name === name);
  if (part === undefined) throw new Error(`the plugin has no ${name}`);
  return part;
}
"""

_CALL = r"""
/** What an action gives: `data.result` of its ActionResult. */
async function call(name: string, parameters: Record<string, unknown>): Promise<unknown> {
  const now = state();
  now.data['actionParams'] = parameters;
  const { handler } = found(plugin.actions, name);
  const result = await handler(runtime, message(''), now, { parameters }, async () => [], []);
  if (!result?.success) throw result?.error instanceof Error ? result.error : new Error(String(result?.error));
  return result.data?.['result'];
}
"""

_SAME = r"""
/** Equal, with numbers as exact as floating point is. */
function same(one: unknown, two: unknown): boolean {
  if (typeof one === 'number' && typeof two === 'number') {
    return Math.abs(one - two) <= Math.max(1e-9, 1e-9 * Math.max(Math.abs(one), Math.abs(two)));
  }
  if (Array.isArray(one) && Array.isArray(two)) {
    return one.length === two.length && one.every((item, at) => same(item, two[at]));
  }
  if (one !== null && two !== null && typeof one === 'object' && typeof two === 'object') {
    const [first, second] = [Object.entries(one), new Map(Object.entries(two))];
    return first.length === second.size && first.every(([key, item]) => second.has(key) && same(item, second.get(key)));
  }
  return one === two;
}
"""

_JUDGE = r"""
/** What an evaluator says: `data.passed` of its ActionResult. */
async function judge(name: string, value: unknown): Promise<unknown> {
  const asked = message(typeof value === 'string' ? value : JSON.stringify(value));
  const { handler } = found(plugin.evaluators, name);
  const result = await handler(runtime, asked, state(), { value }, async () => [], []);
  if (!result?.success) throw result?.error instanceof Error ? result.error : new Error(String(result?.error));
  return result.data?.['passed'];
}
"""


def specification_tests(spec: PluginSpecification) -> str:
    """The file."""
    tests: list[str] = [_declared(spec)]
    for action in spec.actions:
        for number, example in enumerate(action.examples, 1):
            title = f"{action.name}, example {number}"
            tests.append(_example(title, f"call({string(upper(action.name))}, {literal(example.input, 4)})", example))
    for evaluator in spec.evaluators:
        for number, example in enumerate(evaluator.examples, 1):
            title = f"{evaluator.name}, example {number}"
            asked = f"judge({string(upper(evaluator.name))}, {literal(example.input.get('value'), 4)})"
            tests.append(_example(title, asked, example, judged=True))
    for provider in spec.providers:
        fixed = f".toBe({string(provider.text)})" if provider.text and "{" not in provider.text else ".not.toBe('')"
        tests.append(
            f"  it({string(f'provider {provider.name} says something')}, async () => {{\n"
            f"    const provider = found(plugin.providers, {string(upper(provider.name))});\n"
            f"    const said = await provider.get(runtime, message(''), state());\n"
            f"    expect(said.text ?? ''){fixed};\n"
            "  });"
        )
    for service in spec.services:
        tests.append(
            f"  it({string(f'service {service.name} starts and stops')}, async () => {{\n"
            f"    const service = plugin.services?.find((one) => one.serviceType === {string(service.name)});\n"
            "    const started = await service?.start(runtime);\n"
            "    expect(started).toBeDefined();\n"
            "    await started?.stop();\n"
            "  });"
        )
    body = "\n\n".join(tests)
    # From the last to the first: what a helper calls stands before it.
    text = body
    for helper, mark in reversed(_HELPERS.items()):
        if mark in text:
            text = f"{helper}{text}"
    text = text.removesuffix(body)
    types = [name for name in ("IAgentRuntime", "Memory", "State") if re.search(rf"\b{name}\b", text)]
    lines = [
        _TITLE,
        *([f"import type {{ {', '.join(types)} }} from '@elizaos/core';"] if types else []),
        "import { describe, expect, it } from 'vitest';",
        "import plugin from '../src/index';",
    ]
    head = "\n".join(lines)
    return f"{head}\n{text}\ndescribe({string(spec.name)}, () => {{\n{body}\n}});\n"


_HELPERS = {
    _RUNTIME: "runtime",
    _STATE: "state()",
    _MESSAGE: "message(",
    _FOUND: "found(",
    _CALL: "call(",
    _JUDGE: "judge(",
    _SAME: "same(",
}
"""Each helper, and what shows that it is used; what a helper uses itself stands before it."""


def _declared(spec: PluginSpecification) -> str:
    kinds = ("actions", "providers", "evaluators")
    lines = [f"    expect(plugin.name).toBe({string(spec.name)});"]
    for kind in kinds:
        names: JsonValue = [upper(one.name) for one in getattr(spec, kind)]
        if names:
            lines.append(f"    expect(plugin.{kind}?.map((one) => one.name)).toEqual({literal(names, 4)});")
    if spec.services:
        types: JsonValue = [one.name for one in spec.services]
        lines.append(f"    expect(plugin.services?.map((one) => one.serviceType)).toEqual({literal(types, 4)});")
    return "\n".join(["  it('has every component of the specification', () => {", *lines, "  });"])


def _example(title: str, asked: str, example: Example, *, judged: bool = False) -> str:
    head = f"  it({string(title)}, async () => {{"
    if example.error:
        return f"{head}\n    await expect({asked}).rejects.toThrow({string(example.error)});\n  }});"
    if judged:
        return f"{head}\n    expect(await {asked}).toBe({str(bool(example.output)).lower()});\n  }});"
    check = f"expect(same(gave, {literal(example.output, 4)}), JSON.stringify(gave)).toBe(true);"
    return f"{head}\n    const gave = await {asked};\n    {check}\n  }});"
