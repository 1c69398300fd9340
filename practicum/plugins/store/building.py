"""Building the wheel of a plugin's folder. A build executes the plugin's code: so in a sandbox, and without network."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from practicum.api.sandbox import MIB, Limits, Mount, SandboxProvider, SandboxSpec
from practicum.errors import UsageError

_SOURCE, _OUT = "/plugin/source", "/plugin/out"
_LIMITS = Limits(wall_s=60, cpu_s=60, memory_bytes=512 * MIB)
_BUILD = """
import importlib, sys, tomllib
with open("pyproject.toml", "rb") as file:
    system = tomllib.load(file).get("build-system", {})
sys.path[:0] = system.get("backend-path", [])
module, _, path = system.get("build-backend", "setuptools.build_meta").partition(":")
backend = importlib.import_module(module)
for name in filter(None, path.split(".")):
    backend = getattr(backend, name)
backend.build_wheel(sys.argv[1])
"""
"""PEP 517: the hook `build_wheel`, called in the source's folder."""


@asynccontextmanager
async def built(folder: Path, sandboxes: SandboxProvider) -> AsyncIterator[Path]:
    """The wheel of a folder with a `pyproject.toml`; it is there for as long as the context lasts.

    Build requirements are those that the interpreter that runs us has (hatchling); nothing is fetched.

    Raises:
        UsageError: it does not build; holds the end of what was printed.
        SandboxError: there is no sandbox to build it in.
    """
    project = folder / "pyproject.toml"
    if not project.is_file():
        raise UsageError(f"{folder} has no pyproject.toml", hint="give a wheel, or the folder of a plugin")
    try:
        tomllib.loads(project.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{project}: is no TOML: {error}") from error
    with tempfile.TemporaryDirectory(prefix="practicum-build-") as name:
        source, out, kept = Path(name) / "source", Path(name) / "out", Path(name) / "kept"
        ignore = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", "dist")
        # Links are copied as links: what they lead to outside is not there inside.
        try:
            await asyncio.to_thread(shutil.copytree, folder, source, symlinks=True, ignore=ignore)
        except shutil.Error as error:  # its only argument names each file that was not copied, and why
            name, _, why = error.args[0][0]
            raise UsageError(f"{name} cannot be built into a wheel: {why}", hint="take it out of the folder") from error
        out.mkdir()
        kept.mkdir()
        mounts = (Mount(source, _SOURCE, writable=True), Mount(out, _OUT, writable=True))
        inside = sandboxes.name != "local"
        sandbox = await sandboxes.open(
            SandboxSpec(mounts=mounts, cwd=_SOURCE if inside else str(source), limits=_LIMITS)
        )
        try:
            done = await sandbox.run(["python", "-c", _BUILD, _OUT if inside else str(out)])
        finally:
            await sandbox.close()
        wheels = [item for item in out.glob("*.whl") if item.is_file() and not item.is_symlink()]
        if done.exit_code != 0 or len(wheels) != 1:
            said = (done.stderr or done.stdout).strip()[-2000:]
            raise UsageError(f"{folder.name} does not build: {said or f'{len(wheels)} wheels came of it'}")
        # What is left inside may still be linked to elsewhere; ours is a copy.
        wheel = kept / wheels[0].name
        await asyncio.to_thread(shutil.copyfile, wheels[0], wheel, follow_symlinks=False)
        yield wheel
