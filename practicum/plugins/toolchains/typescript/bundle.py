"""Building a plugin's bundle inside the sandbox, and packing it outside, from files that are looked at first."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from practicum.api.sandbox import MIB, Mount
from practicum.plugins.pipeline.checking import Clock
from practicum.plugins.pipeline.report import Report, Request, ending
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.room import SOURCE
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.toolchains.typescript.room import NodeRooms
from practicum.plugins.toolchains.typescript.templates.configuration import (
    COMPILER,
    package_json,
    package_name,
    pinned,
    version,
)

DECLARATIONS = """import type { Plugin } from '@elizaos/core';
declare const plugin: Plugin;
export default plugin;
"""
"""Types of every bundle: elizaOS takes the default export and looks at nothing else."""

_MOST = 8 * MIB
_BUILTIN = "node:"
_BUILTINS = frozenset(
    {
        "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram",
        "diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https", "inspector", "module", "net",
        "os", "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream",
        "string_decoder", "timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi", "worker_threads",
        "zlib",
    }
)  # fmt: skip
"""Modules of node that may be imported without `node:` (https://nodejs.org/api/modules.html)."""
_EPOCH = 499162500
"""Every file's time in a package, as npm sets it (1985-10-26), so that equal plugins are equal files."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A packed plugin that npm can install, and what is in it."""

    path: Path
    digest: str
    """SHA-256 of the file."""
    files: dict[str, str]
    """Path below the package's folder to text."""

    def unpack(self, target: Path) -> None:
        """Write the files below `target`. Blocks."""
        for name, text in self.files.items():
            path = target / name
            path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o644)


async def build(
    rooms: NodeRooms, snapshot: Snapshot, spec: PluginSpecification, target: Path
) -> tuple[CheckResult, Bundle | None]:
    """Bundle `src/index.ts` of the snapshot, and put the package into the folder `target`."""
    clock = Clock()
    request = Request(tsconfig={"compilerOptions": COMPILER})
    result = await rooms.report("build.mjs", request.stdin, Mount(snapshot.folder, SOURCE))
    report = request.read(result)
    problems = [_problem(line) for line in report.of("error")]
    if report.one("finished") is None or report.forged or result.truncated:
        why = ending(result) or f"the bundler ended with {result.exit_code}"
        problems.append(_wrong(f"{why}\n{result.stderr[-2000:]}"))
    if not problems:
        problems += _examined(report, snapshot)
    if problems:
        return clock.result("bundle", "not built", problems, log=result.stderr), None
    files = {
        "package.json": package_json(spec),
        "README.md": snapshot.read("README.md") if "README.md" in snapshot.files else "",
        "dist/index.d.ts": DECLARATIONS,
        **{str(line["name"]): str(line["text"]) for line in report.of("file")},
    }
    data = await asyncio.to_thread(pack, files)
    path = target / f"{package_name(spec)}-{version(spec)}.tgz"
    path.write_bytes(data)
    path.chmod(0o644)
    digest = hashlib.sha256(data).hexdigest()
    warnings = [_problem(line, severe=False) for line in report.of("warning")]
    summary = f"{path.name}, {len(data) / 1024:.1f} kB"
    facts: dict[str, JsonValue] = {"sha256": digest, "bytes": len(data)}
    return clock.result("bundle", summary, warnings, facts=facts, log=result.stderr), Bundle(path, digest, files)


def pack(files: dict[str, str]) -> bytes:
    """A package as `npm pack` makes it: a compressed archive of the folder `package`. Blocks."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            data = files[name].encode("utf-8")
            info = tarfile.TarInfo(f"package/{name}")
            info.size, info.mode, info.mtime = len(data), 0o644, _EPOCH
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(raw.getvalue(), mtime=0)


def _examined(report: Report, snapshot: Snapshot) -> list[Problem]:
    """What is wrong with what was built: files that nobody asked for, code from elsewhere, missing packages."""
    files = report.of("file")
    names = sorted(str(line["name"]) for line in files)
    if names != ["dist/index.js", "dist/index.js.map"]:
        return [_wrong(f"the bundle holds {', '.join(names)[:300] or 'nothing'}")]
    if sum(len(str(line["text"])) for line in files) > _MOST:
        return [_wrong(f"the bundle is larger than {_MOST // MIB} MiB")]
    problems: list[Problem] = []
    for name in _names(report, "sources"):
        if name not in snapshot.files or not name.startswith("src/"):
            problems.append(_wrong(f"{name} is bundled, and does not lie in src/", name))
    for name in _names(report, "imports"):
        if not (name.startswith(_BUILTIN) or name.split("/")[0] in _BUILTINS or _package(name) == "@elizaos/core"):
            said = "is for building and testing only" if _package(name) in pinned() else "is not there"
            problems.append(_wrong(f"the package {name} {said}: a plugin may import @elizaos/core and node's modules"))
    return problems


def _names(report: Report, kind: str) -> list[str]:
    return [str(name) for line in report.of(kind) for name in line["names"]]


def _package(name: str) -> str:
    return "/".join(name.split("/")[: 2 if name.startswith("@") else 1])


def _problem(line: dict[str, object], *, severe: bool = True) -> Problem:
    file = str(line["file"])
    place = file if not file.startswith("../") else ""
    return Problem(str(line["message"]), place, int(str(line["line"])), "esbuild", "error" if severe else "warning")


def _wrong(message: str, file: str = "") -> Problem:
    return Problem(message, file, code="bundle")
