"""How an uploaded application says that it wants to be started."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from practicum.errors import InvalidFileError, PracticumError

PROCFILE = "Procfile"
MANIFEST = "practicum.deploy.yaml"
_MAX_BYTES = 64 * 1024
_WEB = re.compile(r"^web:\s*(?P<command>.+?)\s*$")
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


class StartCommandError(PracticumError):
    """The upload does not say how it is started."""


@dataclass(frozen=True, slots=True)
class StartCommand:
    """What runs inside, by `sh -c`, with PORT set."""

    web: str
    health: str = ""
    """Path of the health check; empty leaves it to the request."""
    env: dict[str, str] = field(default_factory=dict)


def read_start_command(root: Path) -> StartCommand:
    """Read `practicum.deploy.yaml` (`web`, `health`, `env`) or else the `web:` line of the `Procfile`.

    Raises:
        StartCommandError: there is neither, or it is not usable.
        InvalidFileError: the manifest has a wrong key or value.
    """
    manifest = _read(root / MANIFEST)
    if manifest is not None:
        return _parse_manifest(manifest)
    procfile = _read(root / PROCFILE)
    if procfile is None:
        raise StartCommandError(
            f"there is no {PROCFILE} in the upload's root",
            hint="add one with a line such as: web: python -m shortlink --port $PORT",
        )
    for line in procfile.splitlines():
        if match := _WEB.match(line):
            return StartCommand(match["command"])
    raise StartCommandError(f"the {PROCFILE} has no line 'web: COMMAND'")


def _read(path: Path) -> str | None:
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return file.read(_MAX_BYTES).decode(errors="replace")


def _parse_manifest(text: str) -> StartCommand:
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidFileError(MANIFEST, 0, "", f"is not valid YAML: {error}") from error
    if not isinstance(value, dict):
        raise InvalidFileError(MANIFEST, 1, "", "must be a mapping with 'web'")
    for key in value:
        if key not in ("web", "health", "env"):
            raise InvalidFileError(MANIFEST, 0, str(key), "is not known; known: web, health, env")
    web, health, env = value.get("web"), value.get("health", ""), value.get("env", {})
    if not isinstance(web, str) or not web.strip():
        raise InvalidFileError(MANIFEST, 0, "web", "must be the command that starts the application")
    if not isinstance(health, str) or (health and not health.startswith("/")):
        raise InvalidFileError(MANIFEST, 0, "health", "must be a path that begins with /")
    if not isinstance(env, dict) or not all(isinstance(name, str) and _NAME.match(name) for name in env):
        raise InvalidFileError(MANIFEST, 0, "env", "must be a mapping of names to values")
    return StartCommand(web.strip(), health, {name: str(item) for name, item in env.items()})
