"""The prompt of every later iteration: the files as they are now, what was wrong, and what changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from practicum.plugins.prompts.blocks import fenced, files_block
from practicum.plugins.prompts.first import specification_text
from practicum.plugins.prompts.reference import reference_for
from practicum.plugins.specification import PluginSpecification

DELETED = "DELETED"
"""What a file holds that should go."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An iteration that failed, in a line."""

    number: int
    phase: str
    message: str


def iteration_prompt(
    spec: PluginSpecification,
    files: Mapping[str, str],
    held: Mapping[str, str],
    failure: str,
    *,
    number: int,
    most: int,
    before: Mapping[str, str] | None = None,
    attempts: Sequence[Attempt] = (),
    remarks: Sequence[str] = (),
    api: str = "",
) -> str:
    """All that is needed to mend it, since the model remembers nothing.

    `files` are all files as they are now, `before` those of the iteration before this one; `failure` is the full text
    of what was wrong. `remarks` are about the form of the last answer.
    """
    own = {path: text for path, text in files.items() if path not in held}
    parts = [
        f"The plugin `{spec.name}`, version {spec.version}, is not right yet. This is iteration {number} of {most}.",
        f"# What was wrong\n\n{failure}",
    ]
    if remarks:
        parts.append("# About your last answer\n\n" + "\n".join(f"- {remark}" for remark in remarks))
    if before is not None:
        parts.append(f"# What changed since the iteration before\n\n{changes(before, files)}")
    if attempts:
        told = [f"- iteration {one.number} failed at {one.phase}: {one.message}" for one in attempts]
        parts.append("# Iterations so far\n\n" + "\n".join(told) + "\n\nDo not go back to what failed already.")
    parts += [
        f"# Your files as they are now\n\n{files_block(own) if own else 'None.'}",
        f"# Files that cannot be changed\n\n{files_block(held)}",
        "# Specification\n\n" + specification_text(spec),
        "# The API\n\n" + (api or reference_for(spec.toolchain)),
        "# What to give\n\nEvery file that has to change, whole. Files that you do not give stay as they are. To "
        f"remove one, give it with this line alone:\n\n{fenced(DELETED)}",
    ]
    return "\n\n".join(parts) + "\n"


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Which files are new, gone or different, with lines counted."""
    import difflib

    lines = []
    for path in sorted({*before, *now}):
        old, new = before.get(path), now.get(path)
        if old == new:
            continue
        if old is None:
            lines.append(f"- `{path}` is new")
        elif new is None:
            lines.append(f"- `{path}` is gone")
        else:
            diff = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm=""))[2:]
            added = sum(line.startswith("+") for line in diff)
            removed = sum(line.startswith("-") for line in diff)
            lines.append(f"- `{path}`: {added} lines added, {removed} removed")
    return "\n".join(lines) or "Nothing: the files are the same."
