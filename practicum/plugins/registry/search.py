"""Looking for a plugin that is there already, before another one is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from practicum.errors import PracticumError
from practicum.plugins.registry.provenance import ENDING, read_provenance
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.store import Store


@dataclass(frozen=True, slots=True)
class Existing:
    """A plugin that is there."""

    name: str
    version: str
    where: str
    """`installed`, or the folder of an index."""
    actions: tuple[str, ...]
    """Those that it was granted or published with; empty where nobody declared them."""
    update: bool = False
    """It has the same name and another version: what is asked for would follow it, not double it."""

    def told(self) -> str:
        """In words."""
        place = "is installed" if self.where == "installed" else f"is in {self.where}"
        does = f" with {', '.join(self.actions)}" if self.actions else ""
        return f"{self.name} {self.version} {place}{does}"


def find_existing(spec: PluginSpecification, store: Store, indexes: Iterable[Path] = ()) -> list[Existing]:
    """Plugins of this name, and others that have all actions that it declares. Executes nothing of them; blocks."""
    there = [*_installed(store), *(one for index in indexes for one in _indexed(index))]
    wanted = {action.name for action in spec.actions}
    found = []
    for one in there:
        if one.name == spec.name:
            update = one.version != spec.version
            found.append(Existing(one.name, one.version, one.where, one.actions, update))
        elif wanted and wanted <= set(one.actions):
            found.append(one)
    return found


def _installed(store: Store) -> list[Existing]:
    found = []
    for name in store.names():
        try:
            manifest = store.installed(name).manifest
        except PracticumError:  # damaged: nothing that could be used instead
            continue
        grant = manifest.grant
        actions = tuple(word for kind, word in grant.components if kind == "action") if grant is not None else ()
        found.append(Existing(name, manifest.version, "installed", actions))
    return found


def _indexed(index: Path) -> list[Existing]:
    found = []
    for path in sorted(index.glob(f"*/*{ENDING}")):
        told = read_provenance(path)
        if told is not None and path.with_name(told.wheel).is_file():
            actions = tuple(action.name for action in told.specification.actions)
            found.append(Existing(told.name, told.version, str(index), actions))
    return found
