"""`src/services.ts`: services that hold a counter, a cache or a queue."""

from __future__ import annotations

from practicum.plugins.specification import ServiceSpec
from practicum.plugins.toolchains.typescript.templates.others import unimplemented
from practicum.plugins.toolchains.typescript.templates.text import class_name, comment, string

_KEEPS = {
    "counter": """  readonly counts = new Map<string, number>();

  /** Count; gives the new number. */
  add(name: string, by = 1): number {
    const now = this.value(name) + by;
    this.counts.set(name, now);
    return now;
  }

  /** How often it was counted; 0 when never. */
  value(name: string): number {
    return this.counts.get(name) ?? 0;
  }
""",
    "cache": """  readonly entries = new Map<string, unknown>();
  readonly most = 10_000;

  /** Keep a value; the one that was not used for longest goes when there are too many. */
  put(key: string, value: unknown): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.most) this.entries.delete(this.entries.keys().next().value as string);
  }

  /** The value that was kept, if there is one. */
  get(key: string): unknown {
    const value = this.entries.get(key);
    if (this.entries.delete(key)) this.entries.set(key, value);
    return value;
  }
""",
    "queue": """  readonly items: unknown[] = [];
  readonly most = 10_000;

  /** Add at the end; gives how many there are. Throws when it is full. */
  put(item: unknown): number {
    if (this.items.length >= this.most) throw new Error(`the queue is full: ${this.most} items`);
    return this.items.push(item);
  }

  /** The first item, or undefined when there is none. */
  take(): unknown {
    return this.items.shift();
  }
""",
}
_FORGET = {"counter": "this.counts.clear()", "cache": "this.entries.clear()", "queue": "this.items.length = 0"}


def services_module(specs: tuple[ServiceSpec, ...]) -> str:
    """`src/services.ts`."""
    head = [
        comment("What lives as long as the agent."),
        "",
        "import { Service, type IAgentRuntime } from '@elizaos/core';",
        "",
    ]
    return "\n".join([*head, "\n\n".join(map(_service, specs))]) + "\n"


def _service(spec: ServiceSpec) -> str:
    name = class_name(spec.name, "Service")
    if spec.keeps not in _KEEPS:
        return f"""{comment(spec.description)}
export class {name} extends Service {{
  static override serviceType = {string(spec.name)};
  capabilityDescription = {string(spec.description)};

  static override async start(): Promise<{name}> {{
    {unimplemented(spec.name)}
  }}

  override async stop(): Promise<void> {{
    return; // nothing was started
  }}
}}"""
    return f"""{comment(spec.description)}
export class {name} extends Service {{
  static override serviceType = {string(spec.name)};
  capabilityDescription = {string(spec.description)};
{_KEEPS[spec.keeps]}
  static override async start(runtime: IAgentRuntime): Promise<{name}> {{
    return new {name}(runtime);
  }}

  override async stop(): Promise<void> {{
    {_FORGET[spec.keeps]};
  }}
}}"""
