"""The files by which a step speaks to its job: GITHUB_OUTPUT, GITHUB_ENV, GITHUB_PATH, GITHUB_STEP_SUMMARY."""

from __future__ import annotations

import re

from practicum.errors import PracticumError

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]*$")


class CommandFileError(PracticumError):
    """A step wrote something into a command file that is not `name=value` and not a heredoc."""


def parse_pairs(text: str, file: str) -> dict[str, str]:
    """Read `name=value` lines and `name<<DELIMITER` blocks.

    Source: GitHub Docs, "Workflow commands for GitHub Actions", section on environment files.

    Raises:
        CommandFileError: a line of another form, or a block without its end.
    """
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        if not line.strip():
            continue
        equals, arrows = line.find("="), line.find("<<")
        if arrows > 0 and (equals < 0 or arrows < equals):
            name, delimiter = line[:arrows], line[arrows + 2 :]
            block: list[str] = []
            for inner in lines:
                if inner == delimiter:
                    break
                block.append(inner)
            else:
                raise CommandFileError(f"{file}: the block of {name!r} has no end {delimiter!r}")
            value = "\n".join(block)
        elif equals > 0:
            name, value = line[:equals], line[equals + 1 :]
        else:
            raise CommandFileError(f"{file}: {line[:80]!r} is not name=value")
        if not _NAME.match(name):
            raise CommandFileError(f"{file}: {name[:80]!r} is not a name")
        found[name] = value
    return found
