"""A program of the user's own that takes a role: found as the user's shell finds it, and what it needs to be shown.

Everything is visible in the sandbox, read-only, at the path that it has on the host: environments hold full paths.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from practicum.agents.boot import ProgramStart
from practicum.api.sandbox import Mount
from practicum.errors import MissingExtraError, UsageError
from practicum.models.registry import ModelRef
from practicum.proctor.vault.paths import key_path, vault_path
from practicum.runtime.places import root
from practicum.sandbox.cache import cache_directory
from practicum.scenarios.schema import Member

INPUT = "{input}"
"""In a command line of the protocol `text`: where the task's words go."""

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
"""Visible in every sandbox."""

_NO_KEYS = {".git", "node_modules", "site-packages", "__pycache__"}
"""Folders in which nobody keeps them; large ones."""

_NEVER = ("/", "/proc", "/dev", "/sys", "/etc", "/root", "/home", "/tmp", "/var", "/run")
"""Not to be shown as a whole."""


@dataclass(frozen=True)
class PlannedProgram:
    """A program that can be started."""

    name: str
    """How it is called in a model's place: `process/agent.py`."""
    start: ProgramStart
    mounts: tuple[Mount, ...]


def plan_program(member: Member, ref: ModelRef | None, folder: Path, env_file: Path | None = None) -> PlannedProgram:
    """Find the program, and what has to be visible for it to run. `folder` is the scenario's, `ref` its own model.

    Files of keys (`.env` and its kin, `env_file`) in what is shown are shown empty.

    Raises:
        UsageError: there is no such program or file, or a mount would show what no agent may see.
        MissingExtraError: the protocol's SDK is not installed.
    """
    for extra, wanted in (("mcp", "mcp" in (member.protocol, member.tools)), ("a2a", member.protocol == "a2a")):
        if wanted and importlib.util.find_spec(extra) is None:
            raise MissingExtraError(f"a program that speaks {extra.upper()}", extra)
    if INPUT in " ".join(member.process) and member.protocol != "text":
        raise UsageError(f"{INPUT} is for the protocol text", hint="write protocol: text, or leave it out")
    folder = folder.absolute()
    program, shown = _program(member.process[0], folder)
    words, name = [str(program)], program.name if {program, program.parent} & set(shown) else ""
    for word in member.process[1:]:
        path = _beside(word, folder)
        if path is not None:
            shown.append(path if path.is_dir() or path.parent == folder else path.parent)
            name = name or path.name
        words.append(str(path) if path is not None else word)
    shown += [_mount(text, folder) for text in member.mounts]
    mounts = tuple(_mounts(shown))
    return PlannedProgram(
        name=f"process/{name or program.name}",
        start=ProgramStart(
            argv=tuple(words),
            protocol=member.protocol,
            tools="mcp" if member.protocol == "mcp" else member.tools,
            env=member.env,
            model=ref.name if ref is not None else "",
            timeout=member.timeout,
        ),
        mounts=(*mounts, *_emptied(mounts, env_file)),
    )


def _program(word: str, folder: Path) -> tuple[Path, list[Path]]:
    """The program's full path, and what it needs to be shown besides itself."""
    if "/" in word:
        path = Path(os.path.normpath(folder / Path(word).expanduser()))
    else:
        # The shims of version managers look for what no sandbox shows; behind them stands the machine's own program.
        path_of_shell = [place for place in os.get_exec_path() if Path(place).name != "shims"]
        found = shutil.which(word, path=os.pathsep.join(path_of_shell))
        if found is None:
            raise UsageError(f"there is no program {word!r} on your PATH", hint="a path beside the scenario begins ./")
        path = Path(found).absolute()
    if not path.is_file() or not os.access(path, os.X_OK):
        mend = "; make its environment first" if "venv" in str(path) else ""
        if path.is_file():
            mend = f"; chmod +x {path}"
        raise UsageError(f"{word}: no program there that can be executed", hint=f"looked at {path}{mend}")
    real = path.resolve()
    for place in (path, real):
        venv = place.parent.parent
        if (venv / "pyvenv.cfg").is_file():
            return place, [venv, *_bases(venv, place)]
    if path.is_relative_to(folder):
        return path, [path if path.parent == folder else path.parent]
    prefix = real.parent.parent
    if real.parent.name == "bin" and (prefix / "lib").is_dir() and not _is_personal(prefix):
        return real, [prefix]
    return real, [real]


def _bases(venv: Path, python: Path) -> list[Path]:
    """The installations that a virtual environment leads to: by its configuration (PEP 405), and by its links."""
    found = [(venv / "bin" / "python").resolve().parent.parent, python.resolve().parent.parent]
    for line in (venv / "pyvenv.cfg").read_text(errors="replace").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "home":
            found.append(Path(value.strip()).parent)
    return [path for path in found if path.is_dir() and path != venv and not _is_personal(path)]


def _is_personal(path: Path) -> bool:
    """Folders with more in them than a program: a home, or what programs are installed into for one user."""
    home = Path.home()
    return path in (home, home / ".local", home.parent) or str(path) in _NEVER


def _beside(word: str, folder: Path) -> Path | None:
    """The file beside the scenario that a word of the command names; None when it looks like none, or is none."""
    if word.startswith("-") or not ("/" in word or "." in word):
        return None
    try:
        path = Path(os.path.normpath(folder / word))
        return path if path != folder and path.is_relative_to(folder) and path.exists() else None
    except (OSError, ValueError):  # too long for a name, or a NUL
        return None


def _mount(text: str, folder: Path) -> Path:
    path = Path(os.path.normpath(folder / Path(text).expanduser()))
    if not path.exists():
        raise UsageError(f"mounts: {text}: no such file or folder", hint=f"looked at {path}")
    return path


def _mounts(shown: list[Path]) -> Iterator[Mount]:
    """Each path once, outermost first, without what every sandbox shows."""
    secret = {
        "the vault": vault_path(os.environ),
        "the vault's key": key_path(os.environ),
        "the records of all runs": root() / "runs",
    }
    done: list[Path] = []
    for path in sorted(set(shown), key=lambda path: (len(path.parts), path)):
        real = path.resolve()
        for what, place in secret.items():
            if place.resolve().is_relative_to(real) or real.is_relative_to(place.resolve()):
                raise UsageError(
                    f"{path} cannot be shown to an agent: {what} is there", hint="name what is needed of it"
                )
        if str(path) in _NEVER:
            raise UsageError(f"{path} cannot be shown to an agent as a whole", hint="name what is needed of it")
        visible = [*map(Path, _SYSTEM), Path(sys.prefix), Path(sys.base_prefix), *done]
        if not any(path.is_relative_to(place) for place in visible):
            done.append(path)
            yield Mount(real, str(path))


def _emptied(mounts: tuple[Mount, ...], env_file: Path | None) -> Iterator[Mount]:
    """An empty file in the place of each file of keys: programs are developed beside them, and agents may hold none."""
    for mount in mounts:
        if mount.host.is_file() and _holds_keys(mount.host.name):
            raise UsageError(f"{mount.inside} cannot be shown to an agent: files of that name hold keys")
        for here, folders, files in os.walk(mount.host):
            folders[:] = [name for name in folders if name not in _NO_KEYS]
            for name in files:
                path = Path(here) / name
                if _holds_keys(name) or (env_file is not None and path == env_file.resolve()):
                    yield Mount(_empty(), f"{mount.inside}/{path.relative_to(mount.host)}")


def _holds_keys(name: str) -> bool:
    return name == ".env" or (name.startswith(".env.") and not name.endswith((".example", ".sample", ".template")))


def _empty() -> Path:
    path = cache_directory() / "empty"
    path.touch(mode=0o444)
    return path
