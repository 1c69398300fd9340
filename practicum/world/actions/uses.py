"""The actions that `uses` may name, done by the runner itself: nothing is downloaded."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from practicum.api.sandbox import Sandbox
from practicum.errors import PracticumError
from practicum.sandbox.ownership import hand_over, host_uid
from practicum.world.actions.contexts import WORKSPACE
from practicum.world.actions.files import UnsafePathError, read_beneath, regular_files
from practicum.world.actions.git import Git
from practicum.world.actions.joblog import JobLog
from practicum.world.actions.triggers import passes
from practicum.world.service import WorkflowTrigger

MAX_ARTIFACT_BYTES = 8 * 1024 * 1024
"""Of all artifacts of one job together."""

SUPPORTED: dict[str, frozenset[str]] = {
    "actions/checkout": frozenset(
        {"ref", "fetch-depth", "repository", "persist-credentials", "submodules", "lfs", "clean", "fetch-tags", "token"}
    ),
    "actions/setup-python": frozenset(
        {"python-version", "cache", "cache-dependency-path", "architecture", "check-latest", "allow-prereleases"}
    ),
    "actions/upload-artifact": frozenset(
        {"name", "path", "if-no-files-found", "retention-days", "overwrite", "compression-level"}
    ),
    "actions/cache": frozenset({"path", "key", "restore-keys", "enableCrossOsArchive", "fail-on-cache-miss"}),
}
"""Action to the inputs that it may be given."""


class ActionError(PracticumError):
    """An action could not do what its step asks; the step fails."""


def unsupported(uses: str, inputs: Mapping[str, str]) -> str:
    """Why a step cannot be run here, or an empty text."""
    name, _, version = uses.partition("@")
    if name not in SUPPORTED:
        return f"uses: {uses} is not supported; supported: {', '.join(sorted(SUPPORTED))}, and run"
    if not version:
        return f"uses: {uses} needs a version, such as {name}@v4"
    unknown = sorted(set(inputs) - SUPPORTED[name])
    return f"uses: {uses} with {', '.join(unknown)} is not supported" if unknown else ""


@dataclass
class JobPlace:
    """Where the actions of one job work."""

    workspace: Path
    trigger: WorkflowTrigger
    git: Git
    sandbox: Sandbox
    origin: str
    """Address of the repository, as a clone should remember it."""
    log: JobLog
    artifacts: dict[str, bytes]


async def perform(uses: str, inputs: Mapping[str, str], place: JobPlace) -> dict[str, str]:
    """Do one supported action; returns its outputs.

    Raises:
        ActionError: it cannot be done.
        GitError: the commit to check out is not there.
    """
    name = uses.partition("@")[0]
    if name == "actions/checkout":
        return await _checkout(inputs, place)
    if name == "actions/setup-python":
        return await _setup_python(inputs, place)
    if name == "actions/upload-artifact":
        await asyncio.to_thread(_upload, inputs, place)
        return {}
    place.log.line("actions/cache does nothing here: there is no cache between jobs")
    return {"cache-hit": "false"}


async def _checkout(inputs: Mapping[str, str], place: JobPlace) -> dict[str, str]:
    trigger = place.trigger
    wanted = inputs.get("repository") or trigger.repo
    if wanted.lower() != trigger.repo.lower():
        raise ActionError(f"checkout of another repository ({wanted}) is not supported")
    if inputs.get("submodules", "false") != "false" or inputs.get("lfs", "false") != "false":
        raise ActionError("checkout with submodules or lfs is not supported")
    sha, ref = trigger.sha, trigger.ref
    if inputs.get("ref"):
        ref = inputs["ref"]
        sha = await place.git.resolve(trigger.repository, ref.removeprefix("refs/heads/").removeprefix("refs/tags/"))
    branch = ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else ""
    # Never inside what a step may have touched: git would obey a configuration that was left there.
    fresh = place.workspace.with_name("checkout")
    await place.git.check_out(trigger.repository, sha, fresh, branch=branch, origin=place.origin)
    await asyncio.to_thread(_replace, place.workspace, fresh)
    await asyncio.to_thread(_hand_over, place.workspace)
    place.log.line(f"{trigger.repo} at {sha}" + (f" ({branch})" if branch else ""))
    return {"ref": ref, "commit": sha}


def _replace(workspace: Path, fresh: Path) -> None:
    """Put the contents of `fresh` in place of those of `workspace`, which stays the same directory: it is mounted."""
    for entry in os.scandir(workspace):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            Path(entry.path).unlink()
    for entry in os.scandir(fresh):
        Path(entry.path).rename(workspace / entry.name)
    fresh.rmdir()


def _hand_over(workspace: Path) -> None:
    uid = host_uid(None)
    if uid is not None:
        hand_over(str(workspace), uid)


async def _setup_python(inputs: Mapping[str, str], place: JobPlace) -> dict[str, str]:
    result = await place.sandbox.run(["python3", "-c", "import platform; print(platform.python_version())"])
    if result.exit_code != 0:
        raise ActionError(f"the sandbox has no working python3: {result.stderr.strip()[:300]}")
    version = result.stdout.strip()
    asked = inputs.get("python-version", "")
    place.log.line(f"asked for Python {asked or '(any)'}; the sandbox's own Python {version} is used")
    return {"python-version": version, "cache-hit": "false"}


def _upload(inputs: Mapping[str, str], place: JobPlace) -> None:
    name = inputs.get("name") or "artifact"
    patterns = [_relative(line.strip()) for line in inputs.get("path", "").splitlines() if line.strip()]
    if not patterns:
        raise ActionError("upload-artifact needs a path")
    wide = [item for pattern in patterns for item in (pattern, f"{pattern.rstrip('/')}/**")]
    found = [path for path in regular_files(place.workspace) if "." in patterns or passes(wide, path)]
    if not found:
        message = f"artifact {name}: no file matches {', '.join(patterns)}"
        if inputs.get("if-no-files-found") == "error":
            raise ActionError(message)
        place.log.line(message)
        return
    for path in found:
        keep_artifact(place.artifacts, f"{name}/{path}", place.workspace, path)
    place.log.line(f"artifact {name}: {len(found)} file{'s' if len(found) > 1 else ''}")


def keep_artifact(artifacts: dict[str, bytes], key: str, workspace: Path, path: str) -> None:
    """Add one file of the workspace to the artifacts.

    Raises:
        ActionError: the file is a link, or the artifacts would exceed `MAX_ARTIFACT_BYTES`.
    """
    room = MAX_ARTIFACT_BYTES - sum(len(content) for content in artifacts.values())
    try:
        content = read_beneath(workspace, path, room + 1)
    except UnsafePathError as error:
        raise ActionError(error.message) from error
    if len(content) > room:
        raise ActionError(f"artifacts are larger than {MAX_ARTIFACT_BYTES // 1024 // 1024} MiB")
    artifacts[key] = content


def _relative(pattern: str) -> str:
    sign, body = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    for prefix in (f"{WORKSPACE}/", "./"):
        body = body.removeprefix(prefix)
    return sign + body
