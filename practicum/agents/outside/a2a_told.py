"""What an A2A agent's messages and tasks come to: the words of one answer."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from practicum.errors import ModelError

if TYPE_CHECKING:
    from a2a.types import a2a_pb2 as pb


class Told:
    """What came back: a message, or a task with its state and artifacts."""

    def __init__(self) -> None:
        self.context = self.task = ""
        self._state = ""
        self._message = ""
        self._artifacts: dict[str, str] = {}

    def take(self, event: pb.StreamResponse) -> None:
        """One event of the stream."""
        match event.WhichOneof("payload"):
            case "message":
                self.context, self._message = event.message.context_id, _words(event.message.parts)
            case "task":
                self.whole(event.task)
            case "status_update":
                update = event.status_update
                self.context, self.task = update.context_id, update.task_id
                self._status(update.status)
            case "artifact_update":
                made = event.artifact_update.artifact
                before = self._artifacts.get(made.artifact_id, "") if event.artifact_update.append else ""
                self._artifacts[made.artifact_id] = before + _words(made.parts)

    def whole(self, task: pb.Task) -> None:
        """The task as it stands."""
        self.context, self.task = task.context_id, task.id
        self._status(task.status)
        for artifact in task.artifacts:
            self._artifacts[artifact.artifact_id] = _words(artifact.parts)

    def _status(self, status: pb.TaskStatus) -> None:
        from a2a.types import a2a_pb2 as pb

        self._state = pb.TaskState.Name(status.state)
        if status.HasField("message"):
            self._message = _words(status.message.parts)

    @property
    def goes_on(self) -> bool:
        return self._state in ("TASK_STATE_SUBMITTED", "TASK_STATE_WORKING")

    @property
    def asks_back(self) -> bool:
        return self._state == "TASK_STATE_INPUT_REQUIRED"

    def text(self) -> str:
        """The answer: what it made, else what it said.

        Raises:
            ModelError: the task failed, was refused, or waits for something that nobody gives.
        """
        if self._state not in ("", "TASK_STATE_COMPLETED", "TASK_STATE_INPUT_REQUIRED"):
            state = self._state.removeprefix("TASK_STATE_").lower().replace("_", " ")
            raise ModelError(f"its task is {state}: {self._message[:2000]}")
        made = "\n".join(text for text in self._artifacts.values() if text)
        return self._message if self.asks_back and self._message else made or self._message


def _words(parts: Iterable[pb.Part]) -> str:
    """The text of some parts; data as JSON, files by their name."""
    to_json = importlib.import_module("google.protobuf.json_format").MessageToJson
    found = []
    for part in parts:
        match part.WhichOneof("content"):
            case "text":
                found.append(part.text)
            case "data":
                found.append(str(to_json(part.data, indent=None)))
            case _:
                found.append(f"[{part.filename or part.url or part.media_type or 'a file'}]")
    return "\n".join(found)
