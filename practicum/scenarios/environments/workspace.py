"""The folder of a scenario, and executing code and commands in it."""

from __future__ import annotations

import asyncio
import math
import stat
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from practicum.api.sandbox import WORKSPACE, ExecResult, Limits, Mount, Sandbox, SandboxProvider, SandboxSpec
from practicum.errors import InfrastructureError, UsageError
from practicum.sandbox.local import LocalProvider
from practicum.sandbox.ownership import hand_over, host_uid
from practicum.scenarios.environments.database import seed_database
from practicum.scenarios.environments.execution import Execution
from practicum.scenarios.environments.languages import Language, check_lang, command_line, language, node_typescript
from practicum.scenarios.environments.programs import program_here, search_path
from practicum.scenarios.environments.providers import Secrets, isolation_of, provider_of
from practicum.scenarios.environments.python_path import python_path, start_files
from practicum.scenarios.environments.seeding import seed_files
from practicum.scenarios.environments.snapshot import Snapshot, compare, take
from practicum.scenarios.schema.environment import Environment, Setup

STEPS = "/step"
"""Where the code of steps lies, to read only: beside the workspace, so that it is none of its files."""

_MANY = 200
"""From so many files on, they are looked at in a thread."""
_FIND = 'for program in "$@"; do command -v "$program" && exit; done; exit 0'
_SHELL = 'if command -v bash >/dev/null 2>&1; then exec bash -c "$1"; else exec sh -c "$1"; fi'


@dataclass
class Workspace:
    """A folder, its environment, and what may be executed there. Satisfies `practicum.api.evaluator.Files`."""

    root: Path
    """On this machine."""
    type: str
    """As the scenario file says it."""
    isolation: dict[str, str]
    """`practicum.api.sandbox.Isolation.as_dict`."""
    seeded: frozenset[str]
    """Files that were there before the first step, relative."""
    inside: str
    """How code that is executed calls `root`."""
    _provider: SandboxProvider
    _sandbox: Sandbox
    _scripts: Path
    _limits: Limits
    _environment: Mapping[str, str]
    _path: str
    _owner: int | None
    """Who is to own what is made here, where what is executed makes it as somebody else."""
    _programs: dict[str, str] = field(default_factory=dict)
    _count: int = 0
    _last: Snapshot | None = None

    async def run_code(self, lang: str, code: str, timeout_s: float) -> Execution:
        """Execute a piece of code with the workspace as its directory. A failing one is a result, not an error.

        Raises:
            UsageError: the language is unknown, or nothing here can run it.
            SandboxError: it could not be executed at all.
        """
        found, program = await self.interpreter(lang)
        path = self._write(code, found.suffix)
        argv = command_line(found, program, path, code, lang)
        before = await self._look()
        result = await self._execute(argv, self._variables(found), timeout_s)
        after = await self._look()
        difference = compare(str(self.root), before, after)
        return Execution(
            exit_code=result.exit_code,
            stdout=result.stdout,
            stderr=result.stderr,
            seconds=result.seconds,
            timed_out=result.timed_out,
            out_of_memory=result.out_of_memory,
            truncated=result.truncated,
            created=difference.created,
            changed=difference.changed,
            deleted=difference.deleted,
            unlisted=not (before.complete and after.complete),
        )

    async def run(self, command: str, timeout_s: float) -> ExecResult:
        """Execute a shell command, by bash where there is one.

        Raises:
            SandboxError: it could not be executed at all.
        """
        argv = ["bash", "-c", command] if self._path else ["sh", "-c", _SHELL, "sh", command]
        return await self._execute(argv, self._environment, timeout_s)

    def snapshot(self) -> Snapshot:
        """Which files there are now. Blocks, for a few microseconds a file."""
        self._last = take(str(self.root))
        return self._last

    def find(self, path: str) -> Path | None:
        """A file or folder of the workspace; None when there is none, or it is a link that leads outside."""
        name = PurePosixPath(path)
        if name.is_absolute():
            place = next((place for place in (self.inside, str(self.root)) if name.is_relative_to(place)), None)
            if place is None:
                return None
            name = name.relative_to(place)
        try:
            top = self.root.resolve()
            found = (top / name).resolve(strict=True)
            mode = found.stat().st_mode
        except (OSError, ValueError, RuntimeError):
            return None
        if not found.is_relative_to(top) or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            return None
        return found

    async def interpreter(self, lang: str) -> tuple[Language, str]:
        """The language, and the program of the environment that runs it. Looked for once.

        Raises:
            UsageError: the language is unknown, or nothing here can run it.
        """
        found = language(lang)
        if found is None:
            raise UsageError(f"unknown language {lang!r}", hint=check_lang(lang) or "")
        if found.name not in self._programs:
            program = await self._search(found)
            if found.name == "typescript" and program == "node":
                trial = [*node_typescript(program, module=False), "--eval=0"]
                done = await self._sandbox.run(trial, env=self._environment, limits=self._limited(30))
                if done.exit_code != 0:
                    raise self._nothing_runs(found)
            self._programs[found.name] = program
        return found, self._programs[found.name]

    async def close(self) -> None:
        """End what still runs. The folder stays: it is the caller's."""
        await self._sandbox.close()
        _remove(self._scripts)

    async def _execute(self, argv: Sequence[str], variables: Mapping[str, str], timeout_s: float) -> ExecResult:
        try:
            return await self._sandbox.run(argv, env=variables, limits=self._limited(timeout_s))
        finally:
            if self._owner is not None:
                await asyncio.shield(asyncio.to_thread(hand_over, str(self.root), self._owner))

    async def _search(self, found: Language) -> str:
        if self._path:
            program = program_here(self._provider, self._path, found)
            if program is None:
                raise self._nothing_runs(found)
            return program
        argv = ["sh", "-c", _FIND, "sh", *found.programs]
        result = await self._sandbox.run(argv, env=self._environment, limits=self._limited(30))
        lines = result.stdout.split()
        if not lines:
            raise self._nothing_runs(found)
        return PurePosixPath(lines[0]).name

    def _nothing_runs(self, found: Language) -> UsageError:
        programs = "tsx or node 24" if found.name == "typescript" else " or ".join(found.programs)
        return UsageError(
            f"environment {self.type}: {found.name} needs {programs}, which is not there", hint=found.install
        )

    def _write(self, code: str, suffix: str) -> str:
        self._count += 1
        name = f"code-{self._count}{suffix}"
        (self._scripts / name).write_text(code, encoding="utf-8", errors="surrogatepass")
        return f"{STEPS}/{name}"

    def _variables(self, found: Language) -> Mapping[str, str]:
        variables = dict(self._environment)
        if found.name == "python":
            for name, text in start_files(self.inside).items():
                (self._scripts / name).write_text(text)
            steps = str(self._scripts) if isinstance(self._provider, LocalProvider) else STEPS
            variables["PYTHONPATH"] = python_path(steps, variables.get("PYTHONPATH"))
        return variables

    def _limited(self, timeout_s: float) -> Limits:
        return replace(self._limits, wall_s=timeout_s, cpu_s=max(1, math.ceil(timeout_s)))

    async def _look(self) -> Snapshot:
        """Which files there are. A small folder is looked at at once: a thread would cost more."""
        if self._last is None or len(self._last.marks) < _MANY:
            return self.snapshot()
        return await asyncio.to_thread(self.snapshot)


def _remove(scripts: Path) -> None:
    """Remove a folder that holds files only; quicker than what is made for trees."""
    with suppress(OSError):
        for file in scripts.iterdir():
            file.unlink()
        scripts.rmdir()


async def open_workspace(
    environment: Environment,
    *,
    root: Path,
    setup: Setup,
    folder: Path,
    uid: int | None = None,
    languages: Iterable[str] = (),
    secrets: Secrets = lambda name: None,
    sandboxes: SandboxProvider | None = None,
) -> Workspace:
    """Make the workspace of a scenario: the folder `root`, what `setup` puts there, and its environment, checked.

    Args:
        environment: Where code and commands run.
        root: The folder; made when it is not there.
        setup: `virtual_fs` and `db_seed` are written.
        folder: The scenario's, beside which files are named.
        uid: On this machine, when we are root, of who works there: an agent's.
        languages: Those that will be asked for: what cannot run is then said now.
        secrets: Name to value, for the URL of a database and the key of a service.
        sandboxes: The tier of the run's agents. Where it is given, it also stands for `local`: what an agent wrote
            is executed nowhere else.

    Raises:
        UsageError: the setup or a language does not fit; it names the key.
        InfrastructureError: the environment cannot be had; the hint mends it. Nothing else is taken in its place.
    """
    provider = await provider_of(environment, secrets=secrets, sandboxes=sandboxes)
    isolation = await isolation_of(provider, environment.image)
    root = root.absolute()
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InfrastructureError(f"{root} cannot be made: {error.strerror}") from error
    inside = str(root) if isinstance(provider, LocalProvider) else WORKSPACE
    database = await _fill(root, setup, folder, secrets)
    owner = host_uid(uid) if uid is not None and isinstance(provider, LocalProvider) else None
    if owner is not None:
        await asyncio.to_thread(hand_over, str(root), owner)
    scripts = Path(tempfile.mkdtemp(prefix="practicum-step-"))
    variables = {
        "PYTHONDONTWRITEBYTECODE": "1",
        **environment.env,
        "PRACTICUM_WORKSPACE": inside,
    }
    if setup.db_seed is not None and database:
        variables["DATABASE_URL"] = database if setup.db_seed.url else f"sqlite:///{inside}/{database}"
    path = search_path(provider)
    limits = replace(Limits(), wall_s=environment.timeout, memory_bytes=environment.memory_bytes)
    mounts = (Mount(root, WORKSPACE, writable=True), Mount(scripts, STEPS))
    spec = SandboxSpec(mounts=mounts, limits=limits, uid=uid, env={"PATH": path} if path else {})
    try:
        scripts.chmod(0o755)
        workspace = Workspace(
            root=root,
            type=environment.type,
            isolation=isolation.as_dict(),
            seeded=frozenset(take(str(root)).marks),
            inside=inside,
            _provider=provider,
            _sandbox=await provider.open(spec),
            _scripts=scripts,
            _limits=limits,
            _environment=variables,
            _path=path,
            _owner=owner,
        )
    except BaseException:
        _remove(scripts)
        raise
    try:
        for lang in dict.fromkeys(languages):
            await workspace.interpreter(lang)
    except BaseException:
        await workspace.close()
        raise
    return workspace


async def _fill(root: Path, setup: Setup, folder: Path, secrets: Secrets) -> str:
    """Write files, then the database. What `seed_database` returns; empty without one."""
    if isinstance(setup.virtual_fs, str):
        await asyncio.to_thread(seed_files, root, setup.virtual_fs, folder)
    elif setup.virtual_fs:
        seed_files(root, setup.virtual_fs, folder)
    if setup.db_seed is None:
        return ""
    return await asyncio.to_thread(seed_database, setup.db_seed, root=root, folder=folder, secrets=secrets)
