"""What the deploy target does with applications: deploy, roll back, stop, restart what crashes."""

from __future__ import annotations

import asyncio
import re
import shutil

from practicum.bus.events import JobFinished, JobStarted, Json, WorldChanged
from practicum.errors import InvalidFileError, SandboxError
from practicum.world.background import Background
from practicum.world.deploy.archive import ArchiveError, unpack
from practicum.world.deploy.command import StartCommandError, read_start_command
from practicum.world.deploy.errors import DeployRefusal, invalid, not_found
from practicum.world.deploy.instance import Instance, NotHealthyError
from practicum.world.deploy.records import App, Deployment
from practicum.world.deploy.tree import name_tree
from practicum.world.service import WorldContext

MAX_APPS = 20
KEPT_RELEASES = 20
MAX_RESTARTS = 3
BACK_OFF_S = (0.1, 0.5, 2.0)
"""Seconds before the first, second and third restart."""

_NAME = re.compile(r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")
_VERSION = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$")
_COMMIT = re.compile(r"^[0-9a-f]{7,64}$")
_EVENT_LOG = 8 * 1024


class Platform:
    """Every application of the deploy target, and the processes behind them."""

    def __init__(self, context: WorldContext) -> None:
        self._context = context
        self._directory = context.directory / "deploy"
        self.apps: dict[str, App] = {}
        self._count = 0
        self._background = Background(context.spawn)

    def app(self, name: str) -> App:
        """An application.

        Raises:
            DeployRefusal: 404.
        """
        if name not in self.apps:
            raise not_found(f"app {name}")
        return self.apps[name]

    async def deploy(
        self,
        name: str,
        archive: bytes,
        *,
        version: str,
        commit: str,
        health: str,
        timeout_s: float,
        actor: str,
        cause: str | None,
    ) -> Deployment:
        """Take an upload in and start it in the background; `Deployment.done` is set when it is decided.

        Raises:
            DeployRefusal: 422 for what cannot be deployed.
        """
        self._check_names(name, version, commit, health)
        number = self._number()
        release = self._directory / "releases" / str(number)
        await asyncio.to_thread(lambda: release.mkdir(parents=True))
        try:
            unpacked = await asyncio.to_thread(unpack, archive, release)
            names = await asyncio.to_thread(name_tree, release)
            command = await asyncio.to_thread(read_start_command, release)
        except (ArchiveError, StartCommandError, InvalidFileError) as error:
            await asyncio.to_thread(shutil.rmtree, release)
            raise invalid(f"the upload {error}" if isinstance(error, ArchiveError) else str(error)) from error
        deployment = Deployment(
            id=number,
            app=name,
            version=version,
            commit=commit or unpacked.commit,
            archive_commit=unpacked.commit,
            actor=actor,
            created=self._now(),
            names=names,
            release=release,
            command=command,
            health=health or command.health or "/health",
            timeout_s=timeout_s,
        )
        return await self._begin(deployment, cause)

    async def roll_back(self, name: str, *, to: int | None, actor: str, cause: str | None) -> Deployment:
        """Start an earlier deployment's files again, as a new deployment.

        `to` is its id; None is the last one before the present that ran.

        Raises:
            DeployRefusal: 404 without the app or deployment; 409 when there is none to go back to.
        """
        app = self.app(name)
        now = app.current.id if app.current else self._count + 1
        if to is None:
            earlier = [d for d in app.deployments if d.state in ("replaced", "stopped", "crashed") and d.id < now]
            present = app.current.names.digest if app.current else ""
            old = next((d for d in reversed(earlier) if d.names.digest != present), None)
        else:
            old = app.find(to)
            if old is None:
                raise not_found(f"deployment {to} of {name}")
        if old is None or old.state in ("failed", "starting") or not old.release.is_dir():
            raise DeployRefusal(409, "nothing_to_roll_back_to", f"{name} has no earlier deployment that ran")
        deployment = Deployment(
            id=self._number(),
            app=name,
            version=old.version,
            commit=old.commit,
            archive_commit=old.archive_commit,
            actor=actor,
            created=self._now(),
            names=old.names,
            release=old.release,
            command=old.command,
            health=old.health,
            timeout_s=old.timeout_s,
            rollback_of=old.id,
        )
        return await self._begin(deployment, cause)

    async def stop(self, name: str, *, actor: str, cause: str | None) -> App:
        """End what runs of an application; its deployments stay known.

        Raises:
            DeployRefusal: 404.
        """
        app = self.app(name)
        async with app.turn:
            current, instance = app.current, app.instance
            app.current = app.instance = None
            if current is not None:
                current.state, current.finished = "stopped", self._now()
            if instance is not None:
                await instance.stop()
            if current is not None:
                current.log = instance.log if instance else current.log
                await self._emit("deployment.stopped", current, actor, cause)
        return app

    async def close(self) -> None:
        """End every process."""
        await self._background.cancel()
        for app in self.apps.values():
            if app.instance is not None:
                await app.instance.stop()
                app.instance = None

    def _check_names(self, name: str, version: str, commit: str, health: str) -> None:
        if not _NAME.match(name):
            raise invalid("an app's name is lower-case letters, digits and '-', at most 40")
        if not _VERSION.match(version):
            raise invalid("version is needed: letters, digits and . _ + -, such as v1.0.0")
        if commit and not _COMMIT.match(commit):
            raise invalid("commit must be a commit's hash in hexadecimal")
        if health and not health.startswith("/"):
            raise invalid("health must be a path that begins with /")
        if name not in self.apps and len(self.apps) >= MAX_APPS:
            raise invalid(f"there are {MAX_APPS} apps already")

    async def _begin(self, deployment: Deployment, cause: str | None) -> Deployment:
        app = self.apps.setdefault(deployment.app, App(deployment.app))
        app.deployments.append(deployment)
        await self._emit("deployment.created", deployment, deployment.actor, cause)
        job = f"deployment-{deployment.id}"
        started = self._context.clock.monotonic()
        name = f"{deployment.app} {deployment.version}"
        facts: dict[str, Json] = {"deployment": deployment.id, "app": app.name, "version": deployment.version}
        await self._context.emit("deploy", JobStarted(job=job, kind="deployment", name=name, facts=facts), cause=cause)

        async def work() -> None:
            async with app.turn:
                await self._switch(app, deployment, cause)
            finished = JobFinished(
                job=job,
                kind="deployment",
                name=name,
                ok=deployment.state != "failed",
                seconds=round(self._context.clock.monotonic() - started, 3),
                facts={**facts, "reason": deployment.reason},
                log=deployment.log[-_EVENT_LOG:],
            )
            await self._context.emit("deploy", finished, cause=cause)
            deployment.done.set()
            await asyncio.to_thread(self._forget_old_releases, app)

        self._background.start(work())
        return deployment

    async def _switch(self, app: App, deployment: Deployment, cause: str | None) -> None:
        """Start the new one; when it is healthy, send traffic there and stop the old one; else keep the old one."""
        try:
            instance = await self._bring_up(deployment)
        except (NotHealthyError, SandboxError) as error:
            deployment.state, deployment.reason, deployment.finished = "failed", error.message, self._now()
            await self._emit("deployment.failed", deployment, deployment.actor, cause)
            return
        old, old_instance = app.current, app.instance
        app.current, app.instance = deployment, instance
        deployment.state, deployment.finished = "running", self._now()
        if old is not None:
            old.state = "replaced"
        if old_instance is not None:
            await old_instance.stop()
            if old is not None:
                old.log = old_instance.log
        self._background.start(self._watch(app, deployment, instance))
        await self._emit("deployment.succeeded", deployment, deployment.actor, cause)

    async def _watch(self, app: App, deployment: Deployment, instance: Instance) -> None:
        """Wait for the end of a running application; when it is not we who ended it, it crashed."""
        while True:
            code = await instance.ended()
            async with app.turn:
                if app.instance is not instance:
                    return
                app.instance = None
                await instance.stop()
                deployment.log = instance.log
                again = await self._restart(app, deployment, code)
                if again is None:
                    return
                instance = again

    async def _restart(self, app: App, deployment: Deployment, code: int) -> Instance | None:
        """Start a crashed application again, later each time; None after `MAX_RESTARTS`."""
        while True:
            again = deployment.restarts < MAX_RESTARTS
            deployment.state = "starting" if again else "crashed"
            facts: dict[str, Json] = {"exit_code": code, "will_restart": again}
            await self._emit("app.crashed", deployment, "deploy", None, facts)
            if not again:
                return None
            await asyncio.sleep(BACK_OFF_S[deployment.restarts])
            deployment.restarts += 1
            try:
                instance = await self._bring_up(deployment)
            except (NotHealthyError, SandboxError) as error:
                deployment.reason = error.message
                continue
            deployment.state = "running"
            app.instance = instance
            return instance

    async def _bring_up(self, deployment: Deployment) -> Instance:
        """Start an application and wait until it is healthy; whatever goes wrong, it is ended and its log kept.

        Raises:
            NotHealthyError: it ended, or did not get healthy in time.
            SandboxError: it could not be started.
        """
        instance = self._instance(deployment)
        try:
            await instance.start()
            await instance.healthy(deployment.health, deployment.timeout_s)
        except BaseException:
            await instance.stop()
            deployment.log = instance.log
            raise
        deployment.log = instance.log
        return instance

    def _instance(self, deployment: Deployment) -> Instance:
        data = self._directory / "data" / deployment.app
        data.mkdir(parents=True, exist_ok=True)
        return Instance(
            self._context.sandboxes,
            release=deployment.release,
            data=data,
            run=self._directory / "run",
            command=deployment.command,
            version=deployment.version,
        )

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _now(self) -> str:
        return self._context.clock.now().isoformat(timespec="milliseconds")

    def _forget_old_releases(self, app: App) -> None:
        kept = {item.release for item in app.deployments[-KEPT_RELEASES:]}
        if app.current is not None:
            kept.add(app.current.release)
        for item in app.deployments[:-KEPT_RELEASES]:
            if item.release not in kept and item.release.is_dir():
                shutil.rmtree(item.release)

    async def _emit(
        self,
        change: str,
        deployment: Deployment,
        actor: str,
        cause: str | None,
        more: dict[str, Json] | None = None,
    ) -> None:
        facts = {**deployment.view(), **(more or {})}
        if deployment.state in ("failed", "crashed") or change == "app.crashed":
            facts["log"] = deployment.log[-_EVENT_LOG:]
        event = WorldChanged(
            service="deploy",
            change=f"deploy.{change}",
            actor=actor,
            resource=f"deployment/{deployment.id}",
            facts=facts,
        )
        await self._context.emit("deploy", event, cause=cause)
