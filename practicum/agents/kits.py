"""Role kits: a charter, instructions and subscriptions under one name."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from practicum.agents.wakes import Wakes
from practicum.api.charter import Can, Charter, LeaseTerms
from practicum.errors import InvalidFileError, UsageError


class _KitFile(BaseModel):
    """`charter.yaml` as it is written."""

    model_config = ConfigDict(extra="forbid")

    role: str
    instructions: str
    """Path of a Markdown file beside this one, or the text itself."""
    wakes_on: tuple[str, ...] = ("message.posted",)
    can: Can = Can()
    cannot: dict[str, dict[str, bool]] = {}
    approval: tuple[str, ...] = ()
    lease: LeaseTerms = LeaseTerms()


@dataclass(frozen=True)
class RoleKit:
    """All that makes a role."""

    role: str
    instructions: str
    wakes_on: tuple[str, ...]
    charter: Charter
    source: str
    """Where it was read from."""

    @property
    def services(self) -> set[str]:
        """The services that the charter names: `github`, `slack`, `discord`, `deploy`, `shell`."""
        can = self.charter.can
        return {name for name in ("github", "slack", "discord", "deploy", "shell") if getattr(can, name) is not None}


def built_in_roles() -> list[str]:
    """Names of the role kits that come with Practicum."""
    root = resources.files("practicum.agents") / "roles"
    return sorted(item.name for item in root.iterdir() if (item / "charter.yaml").is_file())


def load_kit(role: str, folder: Path | None = None) -> RoleKit:
    """The kit of a role: from `folder/roles/ROLE/charter.yaml` where there is one, else the one that comes along.

    Raises:
        UsageError: there is no such role.
        InvalidFileError: its charter is not one.
    """
    if folder is not None and (own := folder / "roles" / role / "charter.yaml").is_file():
        return _read(own)
    path = Path(str(resources.files("practicum.agents") / "roles" / role / "charter.yaml"))
    if "/" in role or not path.is_file():
        known = built_in_roles()
        if folder is not None and (folder / "roles").is_dir():
            known += [item.name for item in (folder / "roles").iterdir() if item.is_dir()]
        close = difflib.get_close_matches(role, known, 1)
        hint = f'did you mean "{close[0]}"? ' if close else ""
        raise UsageError(f"unknown role {role!r}", hint=f"{hint}known: {', '.join(sorted(known))}")
    return _read(path)


def _read(path: Path) -> RoleKit:
    try:
        value: Any = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise InvalidFileError(str(path), line, "", f"not YAML: {getattr(error, 'problem', error)}") from error
    try:
        file = _KitFile.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InvalidFileError(str(path), _line_of(path, first["loc"]), key, first["msg"]) from error
    text = path.parent / file.instructions
    instructions = text.read_text() if file.instructions.endswith(".md") and text.is_file() else file.instructions
    Wakes.parse(file.role, file.wakes_on)
    charter = Charter(role=file.role, can=file.can, cannot=file.cannot, approval=file.approval, lease=file.lease)
    return RoleKit(file.role, instructions, file.wakes_on, charter, str(path))


def _line_of(path: Path, keys: tuple[int | str, ...]) -> int:
    """The line on which the deepest key of a path stands; 1-based, 0 when it is nowhere."""
    node = yaml.compose(path.read_text())
    line = 0
    for key in keys:
        if not isinstance(node, yaml.MappingNode):
            break
        for name, value in node.value:
            if name.value == str(key):
                line, node = name.start_mark.line + 1, value
                break
        else:
            break
    return line
