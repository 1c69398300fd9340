"""Keys from a `.env` file or the shell's environment: read-only, and only names that are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from practicum.errors import InvalidFileError, VaultError
from practicum.proctor.secret import Secret
from practicum.proctor.vault.protocol import Entry

SECRET_VARIABLES: dict[str, str] = {
    "GITHUB_TOKEN": "github",
    "SLACK_BOT_TOKEN": "slack",
    "SLACK_APP_TOKEN": "slack-app",
    "DISCORD_BOT_TOKEN": "discord",
    "ANTHROPIC_API_KEY": "anthropic",
    "OPENAI_API_KEY": "openai",
    "PRACTICUM_BUS_SEED": "bus",
}
"""Variable to the name of its secret. With `__DEV_1` at its end it is the key of the agent `dev-1` alone."""

ADDRESS_VARIABLES: dict[str, str] = {
    "GITHUB_API_URL": "github",
    "GITHUB_SERVER_URL": "github",
    "SLACK_API_URL": "slack",
    "DISCORD_API_URL": "discord",
    "ANTHROPIC_BASE_URL": "anthropic",
    "OPENAI_BASE_URL": "openai",
}
"""Variables that hold addresses; these are no secrets."""

_SEPARATOR = "__"
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=[ \t]*")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$", "`": "`"}


def variable_for(name: str) -> str:
    """The variable that holds a secret: `github@dev-1` is in `GITHUB_TOKEN__DEV_1`; empty when none does."""
    service, _, agent = name.partition("@")
    for variable, holds in SECRET_VARIABLES.items():
        if holds == service:
            return f"{variable}{_SEPARATOR}{_suffix(agent)}" if agent else variable
    return ""


def is_secret_variable(variable: str) -> bool:
    """Whether a variable's name is one of those that hold a secret."""
    base, separator, suffix = variable.partition(_SEPARATOR)
    return base in SECRET_VARIABLES and (not separator or bool(suffix))


@dataclass(frozen=True, slots=True)
class Line:
    """One assignment of a `.env` file."""

    value: Secret
    number: int
    """Line, from 1."""


class EnvVault:
    """Secrets from variables. Variables of other names are not even kept."""

    def __init__(self, variables: Mapping[str, Secret], origin: str) -> None:
        self.origin = origin
        self._variables = {name: value for name, value in variables.items() if is_secret_variable(name) and value}

    def get(self, name: str) -> Secret | None:
        return self._variables.get(variable_for(name))

    def entries(self) -> list[Entry]:
        return [Entry(variable, self.origin) for variable in sorted(self._variables)]

    def check_agents(self, agents: Iterable[str]) -> None:
        """See that every variable for one agent means exactly one agent of the run.

        Raises:
            VaultError: two agents' names give the same variable, of which one is set.
        """
        by_suffix: dict[str, list[str]] = {}
        for agent in agents:
            by_suffix.setdefault(_suffix(agent), []).append(agent)
        for variable in self._variables:
            names = by_suffix.get(variable.partition(_SEPARATOR)[2], [])
            if len(names) > 1:
                raise VaultError(
                    f"{self.origin}: {variable} may mean {' or '.join(names)}",
                    hint="rename an agent, or keep their keys in the vault: practicum secrets set NAME@AGENT",
                )

    def strangers(self, agents: Iterable[str]) -> list[str]:
        """Variables for an agent that is not in the run."""
        known = {_suffix(agent) for agent in agents}
        suffixed = ((variable, variable.partition(_SEPARATOR)[2]) for variable in sorted(self._variables))
        return [variable for variable, suffix in suffixed if suffix and suffix not in known]


def read_env_file(path: Path) -> dict[str, Line]:
    """Read a `.env` file.

    `NAME=value`, with or without `export` before it. Empty lines and lines that begin with `#` are skipped; so is what
    follows ` #` behind an unquoted value. Between single quotes everything is literal; between double quotes `\\n`,
    `\\r`, `\\t`, `\\"`, `\\\\` and `\\$` are read; both may go over several lines. Nothing is expanded: a `$` is a `$`.

    Raises:
        VaultError: the file cannot be read.
        InvalidFileError: a line is no assignment, a quote is not closed, or a name is given twice. The message has the
            file, the line and the name, never the value.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise VaultError(f"{path}: {error.strerror}", hint="--env-file takes the path of a .env file") from error
    except UnicodeDecodeError as error:
        raise VaultError(f"{path}: not a text in UTF-8") from error
    found: dict[str, Line] = {}
    place, number = 0, 1
    text = text.replace("\r\n", "\n")
    while place < len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        line = text[place:end].strip()
        if not line or line.startswith("#"):
            place, number = end + 1, number + 1
            continue
        match = _ASSIGNMENT.match(text, place, end)
        if match is None:
            raise InvalidFileError(str(path), number, "", "this is not NAME=value")
        name = match[1]
        if name in found:
            raise InvalidFileError(str(path), number, name, f"given twice, first in line {found[name].number}")
        value, after = _value(text, match.end(), end, path, number, name)
        found[name] = Line(Secret(value), number)
        number += text.count("\n", place, after) + 1
        place = after + 1
    return found


def _value(text: str, start: int, end: int, path: Path, number: int, name: str) -> tuple[str, int]:
    """The value that begins at `start`, and the place of the line break behind it."""
    quote = text[start : start + 1]
    if quote not in ("'", '"') or start >= end:
        plain = re.split(r"(?:^|\s)#", text[start:end], maxsplit=1)[0]
        return plain.strip(), end
    out: list[str] = []
    place = start + 1
    while place < len(text) and text[place] != quote:
        if quote == '"' and text[place] == "\\" and text[place + 1 : place + 2] in _ESCAPES:
            out.append(_ESCAPES[text[place + 1]])
            place += 2
        else:
            out.append(text[place])
            place += 1
    if place >= len(text):
        raise InvalidFileError(str(path), number, name, f"the quote {quote} is not closed")
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    rest = text[place + 1 : end].strip()
    if rest and not rest.startswith("#"):
        raise InvalidFileError(str(path), number, name, "something stands behind the closing quote")
    return "".join(out), end


def _suffix(agent: str) -> str:
    return agent.upper().replace("-", "_")
