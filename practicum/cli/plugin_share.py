"""`practicum plugin publish`, `update` and `verify`: what leaves this project, and an independent look at it."""

from __future__ import annotations

import asyncio
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic_core import to_json

from practicum import __version__
from practicum.cli.amounts import money_option, time_option
from practicum.cli.plugin_installed import Json, Yes, confirmed
from practicum.cli.plugin_make import Cost, Iterations, Model, Timeout, make_all
from practicum.cli.plugin_progress import exit_code, summary
from practicum.cli.running import paint
from practicum.errors import ExitCode, UsageError
from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.workspace import Workspace
from practicum.plugins.reading import read_specification
from practicum.plugins.registry.index import FolderIndex, Index, UploadIndex
from practicum.plugins.registry.publish import publish as publish_job
from practicum.plugins.registry.publish import verified_job
from practicum.runtime.plugin_access import plugin_access
from practicum.runtime.plugin_models import plugin_model
from practicum.runtime.plugin_work import PluginWork, Wanted
from practicum.text import printable

if TYPE_CHECKING:
    from practicum.runtime.plugin_proposal import Proposed

TOKEN = "PACKAGE_INDEX_TOKEN"  # noqa: S105 - the name of one
"""Under which name the vault keeps the key of an index that takes uploads."""


def publish(
    what: Annotated[str, typer.Argument(help="An installed plugin, a job that succeeded, or a job's wheel.")],
    index: Annotated[
        str, typer.Option(help="A folder, or an address that takes uploads; .practicum/plugin-index when left out.")
    ] = "",
    username: Annotated[str, typer.Option(help="For an index that knows users; without one the key is a token.")] = "",
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Publish a plugin to a package index: verified anew, after your yes, with its provenance beside it.

    A wheel that no job of this project made, or that the verifier does not stand up for, is refused. The key of an
    index that wants one is kept by practicum secrets set PACKAGE_INDEX_TOKEN.
    """
    with PluginWork() as work:
        job = work.made(what)
        target = _index(work, index, username)

        async def approve(sentence: str) -> str:
            return getpass.getuser() if await asyncio.to_thread(confirmed, sentence, yes) else ""

        wheel, provenance = asyncio.run(publish_job(job, target, approve, practicum=__version__))
    if json:
        print(to_json({"published": wheel.name, "index": target.place, "provenance": provenance}).decode())
    else:
        print(f"{wheel.name} is in {printable(target.place)}; provenance: {provenance}")
    return 0


def verify(
    what: Annotated[str, typer.Argument(help="An installed plugin, a job that succeeded, or a wheel.")],
    spec: Annotated[Path | None, typer.Option(help="For a wheel from elsewhere: its specification.")] = None,
    tests: Annotated[Path | None, typer.Option(help="For a wheel from elsewhere: the folder of its tests.")] = None,
    json: Json = False,
) -> int:
    """Look at a wheel again in a fresh sandbox: its bytes, code, dependencies, tests, components. Exit 1 if not ok."""
    if (spec is None) != (tests is None):
        raise UsageError("a wheel from elsewhere takes both --spec and --tests")
    if spec is not None and tests is not None:
        from practicum.plugins.toolchains.python import PythonToolchain  # noqa: F401 - the verifier needs it
        from practicum.plugins.verify import verify as verify_wheel

        for given, there in ((what, Path(what).is_file()), (str(tests), tests.is_dir())):
            if not there:
                raise UsageError(f"{given}: no such {'file' if given == what else 'folder'}")
        found = asyncio.run(verify_wheel(Path(what), read_specification(spec), tests))
    else:
        with PluginWork() as work:
            found = asyncio.run(verified_job(work.made(what)))
    if json:
        checks = {check.name: {"status": check.status, "summary": check.summary} for check in found.checks}
        problems = [{"message": one.message, "file": one.file, "line": one.line} for one in found.problems()]
        print(to_json({"ok": found.ok, "sha256": found.digest, "checks": checks, "problems": problems}).decode())
        return 0 if found.ok else 1
    for check in found.checks:
        colour = {"passed": "green", "failed": "red"}.get(check.status, "yellow")
        word = paint(f"{check.status.replace('_', ' '):<12}", colour)
        print(f"  {word} {check.name:<14} {printable(check.summary, 110)}")
    for problem in found.problems():
        print(f"    {printable(problem.message, 200)}  {printable(problem.file)}")
    print(paint("VERIFIED" if found.ok else "NOT VERIFIED", "green" if found.ok else "red", "bold"), found.digest)
    return 0 if found.ok else 1


def update(
    name: Annotated[str, typer.Argument(help="The plugin's name.")],
    spec: Annotated[Path, typer.Argument(help="The specification of its next version.")],
    repo: Annotated[
        str, typer.Option(help="Propose it there, OWNER/NAME, as a pull request; else it is installed.")
    ] = "",
    base: Annotated[str, typer.Option(help="The branch that the pull request is for.")] = "main",
    folder: Annotated[str, typer.Option(help="Of the plugin in the repository; plugins/NAME when left out.")] = "",
    model: Model = "",
    max_iterations: Iterations = 5,
    timeout: Timeout = "30m",
    cost: Cost = "",
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Make the next version of a plugin. With --repo it goes on a branch and into a pull request, after your yes;
    else it is installed in the place of the one that is there, which goes on if the new one is not healthy.
    """
    read = read_specification(spec)
    if read.name != name:
        raise UsageError(f"{spec} is the specification of {read.name}, not of {name}")
    if repo.count("/") != 1:
        if repo:
            raise UsageError(f"--repo {repo}: it is OWNER/NAME")
        with PluginWork() as work:
            current = work.plugins.installed(name).version
        if current == read.version:
            raise UsageError(f"{name} {current} is installed", hint="raise the version in the specification")
    limit = time_option("--timeout", timeout) or 1800.0
    wanted = Wanted(model, max_iterations, limit, install=not repo)
    if repo and not confirmed(f"make {name} {read.version} and propose it to {repo}", yes):
        print(f"{name} {read.version} is not made", file=sys.stderr)
        return int(ExitCode.INCONCLUSIVE)

    async def work_on_it() -> list[Job]:
        budget = money_option("--cost", cost)
        async with plugin_model(model, time_s=limit, budget_usd=budget) as models:
            return await make_all([read], wanted, models=models, json=json and not repo, force=True)

    [job] = asyncio.run(work_on_it())
    if repo and job.state == "succeeded":
        proposed = asyncio.run(_propose(job, repo, folder, base))
        if json:
            print(to_json({**summary(job), "proposed": proposed}).decode())
        else:
            print(f"{repo}#{proposed.number} proposes {proposed.branch}: {len(proposed.files)} files changed")
    elif repo and json:
        print(to_json(summary(job)).decode())
    return exit_code([job])


async def _propose(job: Job, repo: str, folder: str, base: str) -> Proposed:
    from practicum.agents.context import Access
    from practicum.runtime.plugin_proposal import Proposal, can_propose, propose

    kept = Workspace(Path(job.folder)).kept(job.iteration)
    if kept is None:
        raise UsageError(f"the files of the job {job.id} are not there any more")
    can = can_propose(repo)
    async with plugin_access({"github": ""}, can, time_s=600, repositories=[repo]) as leases:
        lease = leases["github"]
        access = Access(lease.url, lease.token, lease.login, lease.name, lease.email, lease.git_url)
        return await propose(job, kept[1], Proposal(repo, folder, base), access)


def _index(work: PluginWork, place: str, username: str) -> Index:
    if place.startswith(("http://", "https://")):
        return UploadIndex(place, username=username, secret=work.secrets.value(TOKEN) or "")
    return FolderIndex(Path(place) if place else work.index)
