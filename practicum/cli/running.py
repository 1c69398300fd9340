"""What every verb shares: errors as sentences, exit codes, colour only on a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn

import typer

from practicum.errors import ExitCode, PracticumError

_BadUsage: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""What typer raises for a wrong command line. It brings its own copy of click, or uses an installed one, by version."""

_CODES = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36, "dim": 2, "bold": 1}


def call(app: typer.Typer, name: str, arguments: list[str]) -> NoReturn:
    """Run a verb; a user's mistake becomes one sentence and the right exit code, never a stack trace."""
    try:
        command = typer.main.get_command(app)
        result = command.main(arguments, prog_name=name, standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        fail("stopped", ExitCode.INCONCLUSIVE)
    except PracticumError as error:
        fail(error.message, error.exit_code, error.hint)
    except SystemExit as leaving:
        # typer leaves like this, with 1, when whoever read our output has gone, as `head` does; that is no failure.
        if not isinstance(leaving.__context__, BrokenPipeError):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except _BadUsage as error:
        said: str = error.format_message()  # type: ignore[attr-defined]
        fail(said.rstrip("."), ExitCode.USAGE, f"{name} --help says what it takes")
    raise SystemExit(int(result) if isinstance(result, int) else 0)


def fail(message: str, code: ExitCode, hint: str = "") -> NoReturn:
    """Say what is wrong on stderr and end."""
    lines = [f"error: {line}" for line in message.splitlines()] or ["error"]
    if "\n" in message:
        lines = [line if line.startswith("       ") else f"error: {line}" for line in message.splitlines()]
    if hint:
        lines.append(f"       {hint}")
    with contextlib.suppress(OSError):  # the terminal may be gone; the exit code still says it
        print("\n".join(lines), file=sys.stderr, flush=True)
    raise SystemExit(int(code))


def say(text: str) -> None:
    """Print a line of a run's story. When nobody reads it any more (a closed terminal, `| head`) the run goes on."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def paint(text: str, *styles: str) -> str:
    """Colour for a terminal; plain text anywhere else, and with NO_COLOR."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\x1b[{';'.join(str(_CODES[style]) for style in styles)}m{text}\x1b[0m"
