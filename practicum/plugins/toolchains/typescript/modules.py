"""The packages that plugins are built and checked with: installed once from a lock file, then only ever read."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from practicum.errors import InfrastructureError
from practicum.plugins.pipeline.cache import entry
from practicum.plugins.pipeline.trusted import environment, run_trusted
from practicum.plugins.toolchains.typescript.programs import INSTALL_NODE, new_enough, program

TEMPLATE = Path(__file__).parent / "template"
"""`package.json` names each package's version, `package-lock.json` the digest of each; the registry is the user's."""

_FILES = ("package.json", "package-lock.json")
_OPTIONS = (
    "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--omit-lockfile-registry-resolved",
    "--loglevel=error",
)  # fmt: skip
_PROGRESS = "TypeScript: installing elizaOS, TypeScript, eslint and vitest (once, about 30 s, 250 MB)"


class Modules:
    """Installs them into the cache. None of their install scripts runs."""

    def __init__(
        self, cache: Path, progress: Callable[[str], None], *, download: bool = True, timeout_s: float = 300.0
    ) -> None:
        """`progress` is told, in one line, when the installation begins: it takes half a minute."""
        self._cache, self._progress = cache, progress
        self._download, self._timeout_s = download, timeout_s
        self._lock = asyncio.Lock()

    async def folder(self) -> Path:
        """The folder `node_modules`.

        Raises:
            InfrastructureError: node or npm is missing or too old, or no registry can be reached.
        """
        node, npm = program("node"), program("npm")
        target = self._cache / f"node_modules-{_key()}"
        async with self._lock:
            if not target.is_dir():
                await self._make(node, npm, target)
        await asyncio.to_thread(entry, self._cache, target.name, _nothing)
        return target / "node_modules"

    async def _make(self, node: Path, npm: Path, target: Path) -> None:
        self._cache.mkdir(parents=True, exist_ok=True)
        draft = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=".making-", dir=self._cache))
        env = _environment()
        try:
            version = await run_trusted([str(node), "--version"], cwd=draft, env=env, timeout_s=20.0)
            if not new_enough(version.output):
                raise InfrastructureError(
                    f"plugins in TypeScript need node 20.11 or later, not {version.output.strip()[:40]}",
                    hint=f"install it: {INSTALL_NODE}",
                )
            for name in _FILES:
                shutil.copyfile(TEMPLATE / name, draft / name)
            self._progress(_PROGRESS)
            words = [str(npm), "ci", *_OPTIONS, *(() if self._download else ("--offline",))]
            done = await run_trusted(words, cwd=draft, env=env, timeout_s=self._timeout_s)
            if done.exit_code != 0:
                raise InfrastructureError(
                    f"npm cannot install what plugins in TypeScript are built with: {done.output.strip()[-800:]}",
                    hint="it needs a registry of npm once: see `npm ping`, or set yours: npm config set registry",
                )
            await asyncio.to_thread(entry, self._cache, target.name, lambda made: _move(draft, made))
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True))


def _key() -> str:
    return hashlib.sha256(b"".join((TEMPLATE / name).read_bytes() for name in _FILES)).hexdigest()[:16]


def _environment() -> dict[str, str]:
    """What npm may see: which registry and proxy the user has set, and nothing that says how to build."""
    allowed = ("npm_config_registry", "npm_config_cache", "npm_config_userconfig", "npm_config_cafile")
    return environment() | {name: text for name, text in os.environ.items() if name.lower() in allowed}


def _move(draft: Path, target: Path) -> None:
    (draft / "node_modules").rename(target / "node_modules")


def _nothing(_: Path) -> None:
    return
