"""Looking at what reached somebody: files that can be fetched, webhooks that were taken, schedules that came due."""

from __future__ import annotations

import hashlib
import io
from typing import Any, Literal

from pydantic import Field

from practicum.api.evaluator import Evidence, Finding
from practicum.bus.events import JobFinished, TimerFired
from practicum.errors import InfrastructureError
from practicum.scenarios.evaluators.base import BaseEvaluator, Expression
from practicum.scenarios.evaluators.github import get, repository_path
from practicum.scenarios.evaluators.patterns import search
from practicum.scenarios.evaluators.people import witnessed
from practicum.scenarios.evaluators.scope import events_of

_MOST_FETCHED = 20
_MOST_UNPACKED = 64 * 1024**2


class ArtifactDownloadable(BaseEvaluator, type="artifact_downloadable"):
    """A file can be fetched now: one attached to a release, or one that a workflow kept."""

    from_: Literal["release", "workflow"] = Field(default="release", alias="from")
    file: Expression = ""
    """A regular expression, searched in its name."""
    tag: Expression = ""
    """A release only: a regular expression, searched in its tag."""
    min_bytes: int = Field(default=1, ge=1)
    matches: Expression = ""
    """A regular expression, searched in its text; of an archive (zip), in the text of each file in it."""

    async def evaluate(self, evidence: Evidence) -> Finding:
        offered = await (self._released(evidence) if self.from_ == "release" else self._kept(evidence))
        fit = [item for item in offered if search(self.file, item[0])]
        if not fit:
            names = ", ".join(name for name, _, _ in offered[:10])
            there = f"; there is {names}" if names else ""
            wanted = f" that fits {self.file!r}" if self.file else ""
            return Finding(False, f"no file{wanted} is offered by a {self.from_}{there}")
        problems = []
        for name, path, digest in fit[:_MOST_FETCHED]:
            status, content = await evidence.world.download("github", path)
            problem = self._problem(status, content, digest)
            if not problem:
                details = {"file": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                return Finding(True, f"{name} was fetched, {len(content)} bytes", details=details)
            problems.append(f"{name}: {problem}")
        return Finding(False, "; ".join(problems[:5]))

    def _problem(self, status: int, content: bytes, digest: str) -> str:
        """Why what came is not what is wanted; empty when it is."""
        if status != 200:
            return f"GitHub answered {status}"
        if len(content) < self.min_bytes:
            return f"{len(content)} bytes, at least {self.min_bytes} are wanted"
        if digest.startswith("sha256:") and digest != f"sha256:{hashlib.sha256(content).hexdigest()}":
            return "it is not what its digest says"
        if self.matches and not any(search(self.matches, text) for text in _texts(content)):
            return f"it does not say {self.matches!r}"
        return ""

    async def _released(self, evidence: Evidence) -> list[tuple[str, str, str]]:
        """Name, path and digest of what published releases have."""
        return [
            (
                asset["name"],
                f"{repository_path(evidence)}/releases/assets/{asset['id']}",
                str(asset.get("digest") or ""),
            )
            for release in await get(evidence, "/releases", per_page="100")
            if not release["draft"] and search(self.tag, release["tag_name"])
            for asset in release["assets"]
        ]

    async def _kept(self, evidence: Evidence) -> list[tuple[str, str, str]]:
        """Name and path of the archives that workflows kept."""
        listed: dict[str, Any] = await get(evidence, "/actions/artifacts", per_page="100")
        return [
            (item["name"], f"{repository_path(evidence)}/actions/artifacts/{item['id']}/zip", "")
            for item in listed["artifacts"]
            if not item["expired"]
        ]


def _texts(content: bytes) -> list[str]:
    """The text of a file; of a zip, of each file in it."""
    import zipfile

    if not zipfile.is_zipfile(io.BytesIO(content)):
        return [content.decode(errors="replace")]
    found, room = [], _MOST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                with archive.open(entry) as file:
                    data = file.read(room)  # what an entry says of its size is not to be trusted
                found.append(data.decode(errors="replace"))
                room -= len(data)
                if room <= 0:
                    break
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise InfrastructureError(f"the archive cannot be read: {error}") from error
    return found


class WebhookDelivered(BaseEvaluator, type="webhook_delivered"):
    """A simulated service delivered events to an address, and it took them (it answered with 2xx).

    GitHub's `ping`, which comes with every new webhook, counts only where it is asked for by name.
    """

    service: Literal["github", "slack", ""] = ""
    event: str = ""
    """GitHub: `push`, `issues`; Slack: `message`."""
    to: Expression = ""
    """GitHub: a regular expression, searched in the host and port of the address."""
    at_least: int = Field(default=1, ge=1)

    async def evaluate(self, evidence: Evidence) -> Finding:
        good: list[str] = []
        bad: list[str] = []
        for event in witnessed(evidence, JobFinished, among=events_of(evidence)):
            body = event.body
            if isinstance(body, JobFinished) and body.kind == "webhook" and self._fits(event.source, body):
                (good if body.ok else bad).append(event.id)
        what = f" of {self.event}" if self.event else ""
        text = f"{len(good)} of {self.at_least} deliveries{what} were taken"
        text += f", {len(bad)} were not" if bad else ""
        details = {"delivered": len(good), "refused": len(bad)}
        return Finding(len(good) >= self.at_least, text, tuple((good or bad)[:20]), details)

    def _fits(self, source: str, job: JobFinished) -> bool:
        service = "github" if "hook" in job.facts else "slack"
        if (self.service and service != self.service) or source != f"world-{service}":
            return False
        if service == "slack":
            name, to = job.name.removeprefix("slack "), ""
        else:
            name, to = str(job.facts.get("event", "")), job.name.rpartition(" to ")[2]
        if name == "ping" and self.event != "ping":
            return False
        return (not self.event or name == self.event) and search(self.to, to) is not None


class ScheduleFired(BaseEvaluator, type="schedule_fired"):
    """Timers that agents set came due."""

    by_role: str = ""
    """Only those of this role's agents count."""
    note: Expression = ""
    """A regular expression, searched in what the agent noted for itself."""
    at_least: int = Field(default=1, ge=1)
    acted: bool = False
    """After each of them its agent called a tool, before the next one of its own came due."""

    async def evaluate(self, evidence: Evidence) -> Finding:
        if self.by_role and self.by_role not in evidence.team.values():
            raise InfrastructureError(f"nobody has the role {self.by_role}")
        fired = []
        waiting: dict[str, str] = {}  # agent to the timer that it has not acted on yet
        for event in events_of(evidence):
            body = event.body
            if isinstance(body, TimerFired) and event.source not in evidence.team and self._fits(evidence, body):
                waiting[body.owner] = event.id
                if not self.acted:
                    fired.append(event.id)
            elif self.acted and event.type == "tool.called" and event.source in waiting:
                fired.append(waiting.pop(event.source))
        what = "timers came due and were acted on" if self.acted else "timers came due"
        text = f"{len(fired)} of {self.at_least} {what}"
        return Finding(len(fired) >= self.at_least, text, tuple(fired[:20]), {"fired": len(fired)})

    def _fits(self, evidence: Evidence, timer: TimerFired) -> bool:
        role = evidence.team.get(timer.owner)
        return role is not None and (not self.by_role or role == self.by_role) and bool(search(self.note, timer.note))
