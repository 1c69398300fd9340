"""The plugin API as an author needs it. A test holds it to `practicum.api.plugin`."""

from __future__ import annotations

from typing import Literal

from practicum.plugins.prompts.reference_typescript import TYPESCRIPT

Language = Literal["python", "typescript"]

PYTHON = '''\
All of it is imported from `practicum.api.plugin`:

| name | what it is |
| --- | --- |
| `Plugin(name, version, description, actions, providers, services, evaluators, tasks, environment, capabilities, \
hosts)` \
| everything that a plugin brings; all but the first two may be left out, and all lists are tuples |
| `@action(effect="idempotent", name=None)` | makes an async function an `Action`. Its first parameter is the \
`PluginContext`, the others are the arguments, each with an annotation; the docstring is the description and the \
return annotation the type of the result. `effect` is `read` (changes nothing), `idempotent` (may be repeated) or \
`once` |
| `@provider(name=None)` | makes `async def f(context: PluginContext) -> str` a `Provider` |
| `@evaluator(name=None)` | makes `async def f(context: PluginContext, value: Any) -> Check` an `Evaluator` |
| `@task(schedule, name=None)` | makes `async def f(context: PluginContext) -> None` a `Task`; the schedule is five \
fields of cron, or `every 30s` |
| `Service` | a protocol: an attribute `name: str`, `async start(self, context: PluginContext) -> None`, \
`async stop(self) -> None`, `async health(self) -> str` (empty when all is well). `Plugin.services` holds the classes |
| `Check(passed, summary, score=None)` | what an evaluator returns |
| `Variable(name, description="", required=False, sensitive=False)` | an environment variable that the plugin reads |
| `PluginContext` | `plugin`, `config` (dict), `environment` (dict: the declared variables that are set), `agent`, \
`run`, `now` (ISO 8601, UTC), `log(message)` |
| `PluginError(message)` | the one error to raise; its message is shown to whoever called |
| `Capability` | `net`, `fs`, `env`, `subprocess`, `secrets`: what the plugin needs beyond computing |

An example, `src/greeter_plugin/__init__.py`:

```python
"""Greets people."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from practicum.api.plugin import Check, Plugin, PluginContext, PluginError, action, evaluator, provider, task
from pydantic import Field


@action(effect="read")
async def greet(
    context: PluginContext,
    name: Annotated[str, Field(description="Whom to greet.")],
    language: Literal["en", "de"] = "en",
) -> dict[str, Any]:
    """Greet somebody."""
    if not name.strip():
        raise PluginError("name is empty")
    word = {"en": "Hello", "de": "Hallo"}[language]
    return {"greeting": f"{word}, {name}!"}


@provider("manners")
async def manners(context: PluginContext) -> str:
    """How to greet."""
    return f"Greet in {context.config.get('language', 'en')}."


class GreetingCounter:
    """Counts greetings."""

    name = "greeting_counter"

    def __init__(self) -> None:
        self.count = 0

    async def start(self, context: PluginContext) -> None:
        self.count = 0

    async def stop(self) -> None:
        self.count = 0

    async def health(self) -> str:
        return ""


@evaluator("is_polite")
async def is_polite(context: PluginContext, value: Any) -> Check:
    """Whether a text is polite."""
    polite = "please" in str(value).lower()
    return Check(polite, "says please" if polite else "does not say please")


@task("every 60s", name="remind")
async def remind(context: PluginContext) -> None:
    """Remind everybody to greet."""
    context.log("greet somebody")


plugin = Plugin(
    name="greeter",
    version="0.1.0",
    description="Greets people.",
    actions=(greet,),
    providers=(manners,),
    services=(GreetingCounter,),
    evaluators=(is_polite,),
    tasks=(remind,),
)
```

Where a parameter's name is a word of Python's, give it as `from_: Annotated[str, Field(alias="from")]`.
Tests lie in `tests/test_*.py`, are plain functions without plugins of pytest, and call actions as
`asyncio.run(greet.function(PluginContext("greeter"), name="Ada", language="en"))`.
'''


def reference_for(toolchain: Language) -> str:
    """The API of a language."""
    return TYPESCRIPT if toolchain == "typescript" else PYTHON
