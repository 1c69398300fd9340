"""One `run` step: a script, executed in the sandbox, and what it left in its command files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from practicum.api.sandbox import ExecResult, Sandbox
from practicum.world.actions.commands import CommandFileError, parse_pairs
from practicum.world.actions.contexts import FILES, SCRIPTS, WORKSPACE
from practicum.world.actions.files import UnsafePathError, create_private, read_beneath
from practicum.world.actions.joblog import JobLog

MAX_COMMAND_FILE = 256 * 1024

_INTERPRETERS: Mapping[str, tuple[str, ...]] = {
    "": ("bash", "-e"),
    "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail"),
    "sh": ("sh", "-e"),
    "python": ("python3",),
}
"""GitHub's own command for each `shell`; without one, `bash -e`."""

# The directory is entered inside, where a link leads to nothing of ours; the paths are those of GITHUB_PATH.
_ENTER = 'cd "$1" || exit 1; PATH="$2$PATH"; export PATH; shift 2; exec "$@"'


@dataclass
class StepEnd:
    """How a step ended and what it set."""

    outcome: Literal["success", "failure", "skipped"]
    problem: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    paths: Sequence[str] = ()
    summary: str = ""
    timed_out: bool = False
    job_timed_out: bool = False


@dataclass(frozen=True)
class StepFiles:
    """Host directories behind the sandbox's `FILES` (writable) and `SCRIPTS` (not)."""

    files: Path
    scripts: Path


async def run_script(
    script: str,
    *,
    shell: str,
    directory: str,
    env: Mapping[str, str],
    paths: Sequence[str],
    files: StepFiles,
    sandbox: Sandbox,
    wall_s: float,
    log: JobLog,
) -> StepEnd:
    """Execute a script as GitHub would and read its command files.

    Raises:
        SandboxError: the sandbox could not be set up.
    """
    script_file = create_private(files.scripts, ".py" if shell == "python" else ".sh")
    script_file.write_text(script)
    names = ("OUTPUT", "ENV", "PATH", "STEP_SUMMARY")
    command_files = {name: create_private(files.files, f"_{name.lower()}") for name in names}
    variables = {f"GITHUB_{name}": f"{FILES}/{path.name}" for name, path in command_files.items()}
    entered = directory if directory.startswith("/") else f"{WORKSPACE}/{directory}"
    prefix = "".join(f"{path}:" for path in paths)
    argv = ["sh", "-c", _ENTER, "step", entered, prefix, *_INTERPRETERS[shell], f"{SCRIPTS}/{script_file.name}"]
    result = await sandbox.run(argv, env={**env, **variables}, limits=replace(sandbox.spec.limits, wall_s=wall_s))
    log.output(result.stdout)
    log.output(result.stderr)
    if result.truncated:
        log.line("-- the output was longer and has been cut")
    end = StepEnd("success" if result.exit_code == 0 else "failure", problem=_problem(result, wall_s))
    end.timed_out = result.timed_out
    try:
        texts = {name: _read(files.files, path) for name, path in command_files.items()}
        end.outputs = parse_pairs(texts["OUTPUT"], "GITHUB_OUTPUT")
        end.env = parse_pairs(texts["ENV"], "GITHUB_ENV")
    except (CommandFileError, UnsafePathError) as error:
        return StepEnd("failure", problem=error.message, timed_out=result.timed_out)
    end.paths = [line for line in reversed(texts["PATH"].splitlines()) if line.strip()]
    end.summary = texts["STEP_SUMMARY"].strip()
    return end


def _problem(result: ExecResult, wall_s: float) -> str:
    if result.timed_out:
        return f"took longer than {wall_s:.3g} s"
    if result.out_of_memory:
        return "ran out of memory"
    return f"exit code {result.exit_code}" if result.exit_code else ""


def _read(directory: Path, path: Path) -> str:
    try:
        return read_beneath(directory, path.name, MAX_COMMAND_FILE).decode(errors="replace")
    except FileNotFoundError:
        return ""
