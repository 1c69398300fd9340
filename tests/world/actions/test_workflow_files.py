"""Reading workflow files: what is taken, and how each mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from practicum.bus.events import Json
from practicum.errors import InvalidFileError
from practicum.world.actions.located import load
from practicum.world.actions.matrix import expand
from practicum.world.actions.triggers import listens, matches_pattern
from practicum.world.actions.workflow import Workflow, parse
from practicum.world.service import WorkflowTrigger

HEAD = "name: CI\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n"
STEPS = "    steps:\n      - run: 'true'\n"


def workflow(text: str) -> Workflow:
    return parse(".github/workflows/ci.yml", text)


def refusal(text: str) -> InvalidFileError:
    with pytest.raises(InvalidFileError) as caught:
        workflow(text)
    return caught.value


def test_on_is_a_word_and_not_the_truth_value_of_yaml_1_1() -> None:
    assert workflow(HEAD + STEPS).on[0].event == "push"


@pytest.mark.parametrize("on", ["push", "[push, pull_request]", "{push: {branches: [main]}, workflow_dispatch: }"])
def test_on_may_be_a_word_a_list_or_a_mapping(on: str) -> None:
    assert workflow(HEAD.replace("on: push", f"on: {on}") + STEPS).on[0].event == "push"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name: [", 1, "not valid YAML"),
        ("name: x\n", 1, "needs 'on' and 'jobs'"),
        (HEAD.replace("on: push", "on: schedule") + STEPS, 2, "'schedule' is not supported"),
        (HEAD + "    container: python\n" + STEPS, 6, "is not supported"),
        (HEAD + "    steps:\n      - name: nothing\n", 7, "either 'run' or 'uses'"),
        (HEAD + "    steps:\n      - run: x\n        shell: pwsh\n", 8, "shell 'pwsh' is not supported"),
        (HEAD + "    needs: build\n" + STEPS, 4, "not a job of this workflow"),
        (HEAD + "    needs: test\n" + STEPS, 3, "in a circle"),
        (HEAD + "    if: ${{ foo.bar }}\n" + STEPS, 6, "not a known context"),
        (HEAD + "    steps:\n      - run: echo ${{ hashFiles('x') }}\n", 7, "not supported"),
        (HEAD + "    timeout-minutes: soon\n" + STEPS, 6, "must be a number above 0"),
        (HEAD + "    runs-on: other\n" + STEPS, 6, "is there twice"),
        (HEAD + "    strategy:\n      matrix: ${{ fromJSON('{}') }}\n" + STEPS, 7, "computed matrix"),
        (HEAD, 4, "needs 'steps'"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_reason(text: str, line: int, words: str) -> None:
    error = refusal(text)
    assert error.path == ".github/workflows/ci.yml"
    assert error.line == line
    assert words in str(error)


def test_a_small_file_that_unfolds_into_a_large_one_is_refused() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{n}: &{n} [{','.join([f'*{m}'] * 9)}]\n" for m, n in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "too large" in str(refusal(bomb))


def test_a_file_that_contains_itself_is_refused() -> None:
    assert "nested too deeply" in str(refusal("a: &a\n  b: *a\n"))


@pytest.mark.parametrize(
    ("matrix", "labels"),
    [
        ("{python: [3.11, 3.12], os: [a, b]}", ["(3.11, a)", "(3.11, b)", "(3.12, a)", "(3.12, b)"]),
        ("{x: [1, 2], y: [1, 2], exclude: [{x: 1, y: 2}]}", ["(1, 1)", "(2, 1)", "(2, 2)"]),
        ("{x: [1, 2], include: [{x: 2, extra: e}, {x: 3}]}", ["(1)", "(2, e)", "(3)"]),
        ("{include: [{a: 1}, {a: 2}]}", ["(1)", "(2)"]),
        (
            "{fruit: [apple, pear], animal: [cat, dog], include: [{color: green}, {color: pink, animal: cat}, "
            "{fruit: apple, shape: circle}, {fruit: banana}, {fruit: banana, animal: cat}]}",
            [
                "(apple, cat, pink, circle)",
                "(apple, dog, green, circle)",
                "(pear, cat, pink)",
                "(pear, dog, green)",
                "(banana)",
                "(banana, cat)",
            ],
        ),
    ],
)
def test_a_matrix_is_expanded_in_githubs_order(matrix: str, labels: list[str]) -> None:
    assert [row.label for row in expand(load("m.yml", matrix))] == labels


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("main", "main", True),
        ("feature/*", "feature/a", True),
        ("feature/*", "feature/a/b", False),
        ("feature/**", "feature/a/b", True),
        ("v[12].*", "v1.0", True),
        ("**.py", "a/b.py", True),
        ("**/b.py", "b.py", True),
        ("*.jsx?", "page.js", True),
        ("docs/**", "src/docs/x", False),
        ("a.b", "axb", False),
        ("v+(", "vv(", True),
        ("x++", "xx+", True),
    ],
)
def test_filter_patterns(pattern: str, value: str, fits: bool) -> None:
    assert matches_pattern(pattern, value) is fits


def trigger(event: str = "push", ref: str = "refs/heads/main", **payload: Json) -> WorkflowTrigger:
    return WorkflowTrigger(event, "acme/shortlink", Path("/nowhere"), "0" * 40, ref, "dev-1", payload)


PULL: Json = {"base": {"ref": "main"}}


@pytest.mark.parametrize(
    ("on", "what", "hears"),
    [
        ("push", trigger(), True),
        ("push", trigger(ref="refs/tags/v1"), True),
        ("{push: {branches: [main]}}", trigger(ref="refs/tags/v1"), False),
        ("{push: {branches: [main]}}", trigger(ref="refs/heads/other"), False),
        ("{push: {branches: ['**', '!wip/**']}}", trigger(ref="refs/heads/wip/x"), False),
        ("{push: {branches-ignore: [main]}}", trigger(), False),
        ("{push: {tags: ['v*']}}", trigger(ref="refs/tags/v1"), True),
        ("{push: {tags: ['v*']}}", trigger(), False),
        ("{push: {paths: ['src/**']}}", trigger(), True),
        ("{push: {paths: ['docs/**']}}", trigger(), False),
        ("{push: {paths-ignore: ['src/**', 'README.md']}}", trigger(), False),
        ("pull_request", trigger("pull_request", action="opened", pull_request=PULL), True),
        ("pull_request", trigger("pull_request", action="closed", pull_request=PULL), False),
        ("{pull_request: {types: [closed]}}", trigger("pull_request", action="closed", pull_request=PULL), True),
        ("{pull_request: {branches: [dev]}}", trigger("pull_request", action="opened", pull_request=PULL), False),
        ("{release: {types: [published]}}", trigger("release", action="published"), True),
        ("{release: {types: [published]}}", trigger("release", action="created"), False),
        ("workflow_dispatch", trigger("workflow_dispatch"), True),
        ("push", trigger("release", action="published"), False),
    ],
)
async def test_on_decides_what_a_workflow_hears(on: str, what: WorkflowTrigger, hears: bool) -> None:
    async def changed() -> list[str]:
        return ["src/a.py", "README.md"]

    found = workflow(HEAD.replace("on: push", f"on: {on}") + STEPS)
    assert await listens(found.on, what, changed) is hears
