"""The first prompt: the whole specification, the API, and what is there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from practicum.plugins.prompts.blocks import fenced, files_block
from practicum.plugins.prompts.reference import reference_for
from practicum.plugins.specification import PluginSpecification


def first_prompt(
    spec: PluginSpecification, scaffold: Mapping[str, str], held: Mapping[str, str], *, api: str = ""
) -> str:
    """Everything that an author needs.

    `scaffold` is what is there already, `held` those files of it that cannot be changed. `api` describes the API of the
    toolchain; empty for the one that stands here.
    """
    own = [path for path in scaffold if path not in held]
    parts = [
        f"Write the plugin `{spec.name}`, version {spec.version}, for the toolchain {spec.toolchain}.",
        "# Specification\n\n" + specification_text(spec),
        "# The API\n\n" + (api or reference_for(spec.toolchain)),
        "# What is there\n\n"
        f"You write: {', '.join(f'`{path}`' for path in own) or 'every file'}, further modules beside them, and tests "
        "of your own.\nThese files are made from the specification; they cannot be changed, and what you give in their "
        f"place is not used:\n\n{files_block(held)}",
        "# What to give\n\nEvery file that you write, whole: the code and at least one file of tests of your own.",
    ]
    return "\n\n".join(parts) + "\n"


def specification_text(spec: PluginSpecification) -> str:
    """Every field of the specification: as it is in its file, with what follows from it in words."""
    said: dict[str, Any] = spec.model_dump(mode="json", exclude_defaults=True)
    said = {"name": spec.name, "version": spec.version, **said, "toolchain": spec.toolchain}
    text = fenced(yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=110), "yaml")
    notes = [
        "Parameters are required unless they say otherwise or have a default.",
        "An action without `effect` is `idempotent`, without `returns` it gives an object.",
        "Each example is a test: the action gives this `output`, or fails with a message that holds this `error`.",
    ]
    notes += [f"`{one.name}` has `formula`: the result is that expression." for one in spec.actions if one.formula]
    notes += [f"`{one.name}` accepts values that fit its `pattern` whole." for one in spec.evaluators if one.pattern]
    notes += [f"`{one.name}` says its `text`, with what is in braces filled in." for one in spec.providers if one.text]
    if spec.environment:
        secret = [one.name for one in spec.environment if one.sensitive]
        if spec.toolchain == "python":
            notes.append("Variables are read from `context.environment` and declared in `Plugin.environment`.")
        notes += [f"`{name}` is a secret: never write, log or return it." for name in secret]
    notes.append(f"Capabilities: {', '.join(spec.capabilities) or 'none, it only computes'}.")
    if spec.hosts:
        notes.append(f"It may reach {', '.join(spec.hosts)} and nothing else; tests reach nothing.")
    notes.append(f"Dependencies: {', '.join(spec.dependencies) or 'none'}.")
    return text + "\n\n" + "\n".join(f"- {note}" for note in notes)
