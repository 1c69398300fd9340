"""`practicum compare`: two sets of runs, trial by trial."""

from __future__ import annotations

import fnmatch
import glob
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, get_args

import typer
from pydantic import ValidationError

from practicum.bus.events import Outcome
from practicum.cli.running import paint, say
from practicum.cli.suite_summary import short_label
from practicum.errors import ExitCode, UsageError
from practicum.runtime.places import RunFolder, all_runs, find_run
from practicum.scenarios.matrix.filtering import fits, parse_filter
from practicum.scenarios.statistics import Change, Comparison, Row, Tally, compare, shown
from practicum.scenarios.suite import row_of
from practicum.scenarios.verdict import Verdict
from practicum.text import printable

app = typer.Typer(add_completion=False)

_WIDTH = 80


@app.command(name="compare")
def compare_sets(
    a: Annotated[
        str, typer.Argument(metavar="A", help="A suite: id, beginning, last, last~1, or a path; or runs: 'ID*'.")
    ],
    b: Annotated[str, typer.Argument(metavar="B", help="The other one.")],
    only_a: Annotated[
        list[str] | None,
        typer.Option("--a", help="Of A only what fits, such as team=solo; then A and B may differ in it."),
    ] = None,
    only_b: Annotated[list[str] | None, typer.Option("--b", help="The same for B.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON, nothing else.")] = False,
) -> int:
    """Compare two sets of runs: trials of the same scenario, parameters and number are matched.

    Exit code 0: B is not shown to be worse; 1: B passes less often, with p below 0.05; 2: something is wrong with what
    was asked; 3: nothing could be compared.
    """
    left, right = _rows(a), _rows(b)
    left, named_a = _chosen(a, left, only_a or ())
    right, named_b = _chosen(b, right, only_b or ())
    found = compare(
        left, right, name_a=_name(a, only_a or ()), name_b=_name(b, only_b or ()), without=named_a | named_b
    )
    if json:
        print(found.model_dump_json(indent=1))
    else:
        _print(found)
    if not found.pairs.n:
        return int(ExitCode.INCONCLUSIVE)
    return int(ExitCode.FAILED if found.worse else ExitCode.PASSED)


def _rows(name: str) -> list[Row]:
    """The rows of a suite, or of the runs that a pattern means.

    Raises:
        UsageError: it is neither.
    """
    from practicum.runtime.suite import find_suite, read_suite

    if not glob.has_magic(name):
        try:
            return read_suite(find_suite(name)).rows
        except UsageError as error:
            try:
                folders = [find_run(name)]
            except UsageError:
                raise error from None
    else:
        hits = sorted(Path(hit).absolute() for hit in glob.glob(name))  # noqa: PTH207 - the pattern may be absolute
        folders = [RunFolder(hit) for hit in hits if (hit / "run.json").is_file()]
        folders = folders or [run for run in all_runs() if fnmatch.fnmatchcase(run.run, name)]
    found = list(_of_runs(folders))
    if not found:
        raise UsageError(f"{name}: no finished run fits", hint="practicum runs lists them")
    return found


def _of_runs(folders: Sequence[RunFolder]) -> Iterator[Row]:
    """A row for each run that has ended."""
    for folder in folders:
        try:
            verdict = Verdict.model_validate_json((folder.path / "verdict.json").read_bytes())
        except (OSError, ValidationError):
            card = folder.card()
            if card.outcome in get_args(Outcome):  # ended before there was a verdict
                yield Row.model_validate(
                    {"key": folder.run, "run": folder.run, "scenario": card.scenario, "outcome": card.outcome}
                )
            continue
        yield row_of(verdict, folder.run)


def _chosen(name: str, rows: Sequence[Row], filters: Sequence[str]) -> tuple[list[Row], set[str]]:
    """The rows that fit, and the parameters by which they were chosen."""
    known = list(dict.fromkeys(parameter for row in rows for parameter in row.parameters))
    tests = [parse_filter(text, known) for text in filters]
    found = [row for row in rows if all(fits(row.parameters, test) for test in tests)]
    if not found and filters:
        held = {
            key: dict.fromkeys(shown(row.parameters[key]) for row in rows if key in row.parameters) for key in known
        }
        values = "; ".join(f"{key}: {printable(', '.join(told), 120)}" for key, told in held.items())
        raise UsageError(f"{name}: no run fits {' and '.join(map(repr, filters))}", hint=values)
    if not found:
        raise UsageError(f"{name}: no runs")
    return found, {parameter for parameter, _ in tests if parameter}


def _name(name: str, filters: Sequence[str]) -> str:
    return f"{name} ({', '.join(filters)})" if filters else name


def _print(found: Comparison) -> None:
    say(f"A  {printable(found.a, 100)}   {_counts(found.outcomes_a)}")
    say(f"B  {printable(found.b, 100)}   {_counts(found.outcomes_b)}")
    say("")
    names = [printable(short_label(case.scenario, case.parameters), _WIDTH) for case in found.cases]
    width = max(map(len, [*names, "matched trials"]), default=0)
    say(f"  {'':<{width}}  {'A':>9}  {'B':>9}  {'B - A':>8}  {'matched':>7}  {'p':>6}")
    for name, case in zip(names, found.cases, strict=True):
        say(
            f"  {name:<{width}}  {_of(case.a):>9}  {_of(case.b):>9}  {_points(case.difference):>8}  {case.pairs.n:>7}"
            f"  {case.p:>6.3f}"
        )
    pairs = found.pairs
    passed_a, passed_b = pairs.both + pairs.only_a, pairs.both + pairs.only_b
    say(
        f"  {'matched trials':<{width}}  {f'{passed_a}/{pairs.n}':>9}  {f'{passed_b}/{pairs.n}':>9}"
        f"  {_points(found.difference):>8}  {pairs.n:>7}  {found.p:>6.3f}"
    )
    say("")
    _print_result(found)
    for word, change, form in (
        ("seconds", found.seconds, "{:.1f}"),
        ("tokens", found.tokens, "{:,.0f}"),
        ("cost $", found.cost_usd, "{:.4f}"),
    ):
        if change is not None and (change.a or change.b):
            say(f"  {word:<10}{_change(change, form)}")
    for side, flaky in (("A", found.flaky_a), ("B", found.flaky_b)):
        if flaky:
            shown = ", ".join(printable(item, 60) for item in flaky[:10])
            more = f" and {len(flaky) - 10} more" if len(flaky) > 10 else ""
            say(f"  {paint('flaky', 'yellow')} in {side}  {shown}{more}")
    left_out = [
        f"{found.not_counted} matched trials without passed or failed on both sides" if found.not_counted else "",
        f"{found.unmatched_a} runs only in A" if found.unmatched_a else "",
        f"{found.unmatched_b} runs only in B" if found.unmatched_b else "",
    ]
    if said := ", ".join(part for part in left_out if part):
        say(f"  not compared: {said}")


def _print_result(found: Comparison) -> None:
    n = found.pairs.n
    if not n or found.difference is None:
        say(paint("nothing to compare: no trial has passed or failed on both sides", "yellow"))
        return
    low, high = _points(found.interval.low), _points(found.interval.high)
    interval = f"{found.interval.confidence:.0%} interval {low} to {high}"
    word = f"{_points(found.difference)} points ({interval}), p {found.p:.3f}"
    if found.significant:
        better = found.difference > 0
        say(paint(f"B is {'better' if better else 'worse'}: {word}", "green" if better else "red"))
    else:
        say(f"no difference is shown: {word}")
    if found.detectable is None:
        say(f"  {n} matched trials are too few to show any difference; six that differ are the least")
    else:
        say(f"  {n} matched trials show a difference of {found.detectable * 100:.0f} points with 80 % probability")
    agreement = f"{found.agreement:.0%}" if found.agreement is not None else "-"
    kappa = f", kappa {found.kappa:.2f}" if found.kappa is not None else ""
    say(f"  {agreement} of them ended alike{kappa}; only A passed {found.pairs.only_a}, only B {found.pairs.only_b}")


def _counts(tally: Tally) -> str:
    apart = f", {tally.apart} apart" if tally.apart else ""
    return f"{tally.passed} of {tally.counted} passed{apart}"


def _of(tally: Tally) -> str:
    return f"{tally.passed}/{tally.counted}" if tally.counted else "-"


def _points(difference: float | None) -> str:
    return "-" if difference is None else f"{difference * 100:+.0f}"


def _change(change: Change, form: str) -> str:
    text = f"{form.format(change.a)} -> {form.format(change.b)}"
    mean = change.difference
    if mean.low is None or mean.high is None:
        return text
    signed = form.replace("{:", "{:+")
    return f"{text}   {signed.format(mean.mean)} ({signed.format(mean.low)} to {signed.format(mean.high)})"
