"""The tree of errors. Each is named for the state it reports and says what to do next."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a `practicum` command returns to the shell."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    INCONCLUSIVE = 3
    """Also infrastructure, a limit reached, and a run that was cancelled."""


class PracticumError(Exception):
    """Root of all errors that Practicum raises on purpose.

    `hint` says what the user can do about it; `exit_code` is what the command line returns.
    """

    exit_code: ExitCode = ExitCode.INCONCLUSIVE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n       {self.hint}" if self.hint else self.message


class UsageError(PracticumError):
    """The user asked for something that cannot be: a bad option, a missing file, an unknown name."""

    exit_code = ExitCode.USAGE


class InvalidFileError(UsageError):
    """A file the user wrote does not say what its schema asks for.

    `path`, `line` (1-based, 0 where unknown) and `key` (dotted path) name the place.
    """

    def __init__(self, path: str, line: int, key: str, message: str, *, hint: str = "") -> None:
        place = f"{path}:{line}" if line else path
        text = f"{place}: {key}: {message}" if key else f"{place}: {message}"
        super().__init__(text, hint=hint)
        self.path, self.line, self.key, self.problem = path, line, key, message


class MissingExtraError(UsageError):
    """An optional library is not installed."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(f"{purpose} needs the extra {extra!r}", hint=f"pip install 'practicum[{extra}]'")


class InfrastructureError(PracticumError):
    """A part of the system that is not under test failed: a broker, a process, the disk."""


class BusError(InfrastructureError):
    """The message bus could not do what was asked."""


class PublishRefusedError(BusError):
    """The broker refused a publish: this identity may not write to `subject`."""

    def __init__(self, subject: str, reason: str = "permissions violation") -> None:
        super().__init__(f"publish to {subject} was refused: {reason}")
        self.subject = subject


class BusClosedError(BusError):
    """The connection is closed and does not come back."""


class TrajectoryError(PracticumError):
    """A recorded run cannot be read."""


class TamperedError(TrajectoryError):
    """A recorded run is not what was written. `place` names the first line or blob that differs."""

    exit_code = ExitCode.FAILED

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place


class SandboxError(InfrastructureError):
    """A sandbox could not be started or used."""


class IsolationError(SandboxError):
    """This machine cannot isolate as much as was required."""


class VaultError(UsageError):
    """The vault cannot be opened, or does not hold what is needed."""


class NoKeyError(VaultError):
    """No vault holds a key of that name."""


class CharterError(UsageError):
    """A charter asks for more than it can have, or says something unknown."""


class LeaseError(PracticumError):
    """A lease is unknown, expired, revoked or used beyond its limits."""


class ModelError(InfrastructureError):
    """A model did not answer, or answered something that is not an answer."""


class NeedsModelError(InfrastructureError):
    """A scenario needs a language model, and none was given. Nothing was started."""


class DivergedError(PracticumError):
    """A replay did something else than the record. `place` is the event number."""

    exit_code = ExitCode.FAILED
