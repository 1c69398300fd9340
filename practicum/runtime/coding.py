"""Executing a code step in the scenario's environment."""

from __future__ import annotations

from practicum.bus.events import StepFinished
from practicum.scenarios.environments import Workspace
from practicum.scenarios.schema import Step


async def execute(workspace: Workspace, index: int, step: Step, default_s: float) -> StepFinished:
    """Run the code; a failing one is a result.

    Raises:
        SandboxError: the environment itself failed.
    """
    done = await workspace.run_code(step.lang, step.code, step.time_s or default_s)
    reason = ""
    if done.timed_out:
        reason = f"it was still running after {step.time_s or default_s:g} s"
    elif done.out_of_memory:
        reason = "it used more memory than the environment allows"
    return StepFinished(
        step=index,
        name=step.name,
        kind="code",
        ended="timeout" if done.timed_out else "exited",
        reason=reason,
        seconds=round(done.seconds, 6),
        exit_code=done.exit_code,
        stdout=done.stdout,
        stderr=done.stderr,
        text=done.stdout,
        created=done.created,
        changed=done.changed,
        deleted=done.deleted,
        truncated=done.truncated,
    )
