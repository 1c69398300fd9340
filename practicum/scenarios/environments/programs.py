"""Finding what runs a language, in environments that show this machine's programs."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from practicum.api.sandbox import SandboxProvider
from practicum.sandbox.bubblewrap import BubblewrapProvider
from practicum.sandbox.local import LocalProvider
from practicum.sandbox.namespaces import NamespacesProvider
from practicum.scenarios.environments.languages import Language

_SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin")
_SHOWN = ("/usr", "/bin", "/lib", "/opt/practicum", sys.prefix, sys.base_prefix)

_known: dict[tuple[str, bool], str] = {}


def search_path(provider: SandboxProvider) -> str:
    """PATH inside; empty where it is not this machine's programs that are there.

    On `local` it goes on with our own, so that a node under a home directory is found. python is the one that runs
    Practicum, since that one is there for sure.
    """
    if isinstance(provider, LocalProvider):
        ours = [place for place in os.environ.get("PATH", "").split(":") if place.startswith("/")]
        return ":".join(dict.fromkeys([f"{sys.prefix}/bin", *_SYSTEM, *ours]))
    if isinstance(provider, BubblewrapProvider | NamespacesProvider):
        return ":".join([f"{sys.prefix}/bin", *_SYSTEM])
    return ""


def program_here(provider: SandboxProvider, path: str, language: Language) -> str | None:
    """The name of the program that runs a language; None when there is none. Remembered when found."""
    everything = isinstance(provider, LocalProvider)
    key = (language.name, everything)
    if key not in _known:
        for program in language.programs:
            found = shutil.which(program, path=path)
            if found is not None and (everything or _shown(found)):
                _known[key] = program
                break
    return _known.get(key)


def _shown(program: str) -> bool:
    """Whether a sandbox sees what a link on the PATH leads to."""
    real = Path(program).resolve()
    return any(real.is_relative_to(place) for place in _SHOWN)
