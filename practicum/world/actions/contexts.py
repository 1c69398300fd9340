"""What expressions and environment variables of a job can see of its surroundings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from practicum.bus.events import Json
from practicum.world.service import WorkflowTrigger

Conclusion = Literal["success", "failure", "cancelled", "timed_out", "skipped"]

WORKSPACE = "/github/workspace"
SCRIPTS = "/github/scripts"
FILES = "/github/file_commands"
"""Inside, as in the container of a GitHub action. Not `/work`: on a tier that maps no paths, that may be a real one."""
EVENT_PATH = f"{SCRIPTS}/event.json"


def github_context(trigger: WorkflowTrigger, *, workflow: str, job: str, run: str, base_url: str) -> dict[str, Json]:
    """The `github` context. `token` is empty: no job gets a credential."""
    owner, _, _ = trigger.repo.partition("/")
    pull = trigger.payload.get("pull_request")
    return {
        "sha": trigger.sha,
        "ref": trigger.ref,
        "ref_name": ref_name(trigger.ref),
        "ref_type": "tag" if trigger.ref.startswith("refs/tags/") else "branch",
        "event_name": trigger.event,
        "repository": trigger.repo,
        "repository_owner": owner,
        "actor": trigger.actor,
        "triggering_actor": trigger.actor,
        "event": dict(trigger.payload),
        "workflow": workflow,
        "job": job,
        "run_id": run,
        "run_number": "1",
        "run_attempt": "1",
        "head_ref": _nested(pull, "head", "ref"),
        "base_ref": _nested(pull, "base", "ref"),
        "workspace": WORKSPACE,
        "server_url": base_url,
        "api_url": f"{base_url}/github",
        "token": "",
    }


def runner_context() -> dict[str, Json]:
    """The `runner` context."""
    return {"os": "Linux", "arch": "X64", "name": "practicum", "temp": f"{FILES}/temp", "environment": "practicum"}


def environment(github: Mapping[str, Json]) -> dict[str, str]:
    """The variables that GitHub sets for every step; those of the command files are added for each step."""
    names = (
        *("sha", "ref", "ref_name", "ref_type", "event_name", "repository", "repository_owner", "actor", "workflow"),
        *("job", "run_id", "run_number", "run_attempt", "head_ref", "base_ref", "workspace", "server_url", "api_url"),
    )
    variables = {f"GITHUB_{name.upper()}": str(github[name]) for name in names}
    return {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_PATH": EVENT_PATH,
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": f"{FILES}/temp",
        **variables,
    }


def ref_name(ref: str) -> str:
    """`refs/heads/main` to `main`, `refs/pull/5/head` to `5/head`."""
    for prefix in ("refs/heads/", "refs/tags/", "refs/pull/"):
        if ref.startswith(prefix):
            return ref.removeprefix(prefix)
    return ref


def _nested(value: Json, *keys: str) -> str:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return str(value or "")
