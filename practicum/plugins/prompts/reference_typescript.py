"""How a plugin for elizaOS is written, as an author needs it. A test holds it to what our own templates write."""

from __future__ import annotations

TYPESCRIPT = """\
The plugin is for elizaOS: types come from `@elizaos/core`, and `src/index.ts` exports one `Plugin` as its default.
Names of components are those of the specification in upper case: the action `double` is `DOUBLE`.

- Actions are made with `action(about, body)` of `./support`, which is there: `about` holds `name`, `description`,
  `effect` and `parameters` (a JSON Schema: `type: "object"`, `properties`, `required`, `additionalProperties: false`);
  `body(given, runtime)` returns the result or throws an `Error` whose message says why it cannot be done. Callers give
  arguments in `options.parameters` or `state.data.actionParams`, and find the result in `data.result`.
- A provider is `{ name, description, get: async (runtime, message, state) => ({ text }) }`.
- A service is a class that extends `Service`, with `static override serviceType` (its name as the specification has
  it), `capabilityDescription`, `static override async start(runtime)` that returns one, and `override async stop()`.
- An evaluator is `{ name, description, examples: [], validate, handler }`; its value is `options.value`, or else the
  message's text, and it returns `{ success: true, text, data: { passed } }`.
- A task is a worker `{ name, execute: async (runtime, options, task) => { ... } }` that the plugin's
  `init: async (config, runtime)` hands to `runtime.registerTaskWorker`; `runtime.initPromise.then(...)` then calls
  `runtime.createTask({ name, description, tags: ['queue', 'repeat'], metadata: { updateInterval, schedule } })`, with
  milliseconds and the specification's words.
- Settings and secrets come from `runtime.getSetting(name)`, and nowhere else.

`src/actions.ts`:

```typescript
import type { Action } from '@elizaos/core';
import { action } from './support';

export const doubleAction: Action = action<{ value: number }>(
  {
    name: "DOUBLE",
    description: "Twice as much",
    effect: "idempotent",
    parameters: {
      type: "object",
      properties: { value: { type: "number" } },
      required: ["value"],
      additionalProperties: false,
    },
  },
  (given) => {
    return given.value * 2;
  },
);
```

`src/index.ts`:

```typescript
import type { Plugin } from '@elizaos/core';
import { doubleAction } from './actions';

const plugin: Plugin = {
  name: "demo",
  description: "Demo",
  actions: [doubleAction],
};

export default plugin;
```

The compiler is strict, with `noUncheckedIndexedAccess` and `verbatimModuleSyntax`; imports within the plugin have no
file endings. Tests are `tests/*.test.ts`, for vitest.
"""
