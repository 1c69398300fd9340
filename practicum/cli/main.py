"""`practicum`: finds the verb, loads its module, and only that one."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NoReturn

from practicum import __version__

VERBS: dict[str, tuple[str, str]] = {
    "run": ("practicum.cli.run", "run a scenario with a team"),
    "matrix": ("practicum.cli.matrix", "run a scenario in every combination of some values"),
    "compare": ("practicum.cli.compare", "compare two sets of runs, trial by trial"),
    "demo": (
        "practicum.cli.demo",
        "the first thing to try: five agents build, review, test and deploy a small product",
    ),
    "new": ("practicum.cli.new", "a scenario to begin with, ready to run"),
    "list": ("practicum.cli.list", "scenarios here, and those that come along"),
    "validate": ("practicum.cli.validate", "check scenario files without running them"),
    "schema": ("practicum.cli.schema", "JSON Schemas of scenarios, matrices, charters and results"),
    "watch": ("practicum.cli.watch", "follow a run, live or recorded"),
    "runs": ("practicum.cli.runs", "what was run here, and how it ended"),
    "show": ("practicum.cli.show", "read a recorded run; nothing executes"),
    "open": ("practicum.cli.open", "open the report of a run or a suite in the browser"),
    "report": ("practicum.cli.report", "one run, several or a suite as a page, PDF, Markdown or JSON"),
    "replay": ("practicum.cli.replay", "drive the agents again from the record and compare"),
    "verify": ("practicum.cli.verify", "find any change of a recorded run"),
    "serve-product": ("practicum.cli.serve_product", "start what a run's team has built"),
    "secrets": ("practicum.cli.secrets", "keys in the proctor's vault: set, list, remove"),
    "plugin": ("practicum.cli.plugin", "plugins: make, install, publish, measure"),
    "world": ("practicum.cli.world", "serve simulated services by themselves"),
    "doctor": ("practicum.cli.doctor", "what this machine can isolate and run, and how to mend it"),
}

_FIRST = """practicum {version}  rehearses, proctors and records teams of AI agents doing real work

  practicum demo                         five agents build and deploy a small product; no key needed
  practicum run dev-team --team idle     the same task, nobody does anything: see it fail
  practicum doctor                       what this machine can isolate and run

practicum --help lists all commands; practicum COMMAND --help explains one."""


def main(arguments: list[str] | None = None) -> None:
    """Entry point of the command `practicum`."""
    argv = sys.argv[1:] if arguments is None else arguments
    if not argv:
        print(_FIRST.format(version=__version__))
        return
    verb, rest = argv[0], argv[1:]
    if verb in ("--help", "-h", "help"):
        print(_help())
        return
    if verb in ("--version", "-V"):
        print(f"practicum {__version__}")
        return
    found = VERBS.get(verb)
    if found is None:
        _unknown(verb)
    from practicum.cli.running import call

    call(import_module(found[0]).app, f"practicum {verb}", normalise(rest))


def normalise(arguments: list[str]) -> list[str]:
    """`--live` may stand alone and then means all services; give it the value that the parser wants."""
    found = []
    for index, word in enumerate(arguments):
        following = arguments[index + 1] if index + 1 < len(arguments) else "-"
        found.append("--live=all" if word == "--live" and not _names_services(following) else word)
    return found


def _names_services(word: str) -> bool:
    """Whether a word is meant as services: it names one, or nearly (then the plan says what is wrong with it)."""
    from difflib import get_close_matches

    services = ("github", "slack", "discord", "deploy", "all")
    return any(get_close_matches(name, services, 1, 0.75) for name in word.split(","))


def _help() -> str:
    width = max(map(len, VERBS))
    lines = [f"practicum {__version__}", "", "Usage: practicum COMMAND [OPTIONS]", ""]
    lines += [f"  {name:<{width}}  {what}" for name, (_, what) in VERBS.items()]
    lines += ["", "practicum COMMAND --help explains one. Exit codes: 0 passed, 1 failed, 2 usage,"]
    lines += ["3 inconclusive, a limit, infrastructure or cancelled."]
    return "\n".join(lines)


def _unknown(verb: str) -> NoReturn:
    from difflib import get_close_matches

    close = get_close_matches(verb, VERBS, 1)
    hint = f'did you mean "{close[0]}"? ' if close else ""
    print(f"error: there is no command {verb!r}\n       {hint}practicum --help lists them", file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    main()
