"""Where a text is not in the subset, the place and what was expected are said; nothing runs away."""

from __future__ import annotations

import contextlib
import time

import pytest
from expression_kit import NAMES, body, holds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from practicum.scenarios.expressions import EvaluationError, ExpressionError, parse_body, parse_expression

REFUSED = [
    ("", 1, 1, "an expression is expected"),
    ("input.state ===", 1, 16, "a value is expected, the end"),
    ("input.state = 'x' y", 1, 19, "is too much"),
    ("foo(", 1, 5, "`)` is missing"),
    ("input.labels.has('x')", 1, 13, "there is no method .has()"),
    ("inputs.state", 1, 1, "the name inputs is not known"),
    ("require('fs')", 1, 1, "the name require is not known"),
    ("process.exit(1)", 1, 1, "the name process is not known"),
    ("globalThis.x", 1, 1, "the name globalThis is not known"),
    ("eval('1')", 1, 1, "the name eval is not known"),
    ("new Function('x')", 1, 5, "`new` makes"),
    ("import('fs')", 1, 1, "`import` is not in the subset"),
    ("this.x", 1, 1, "cannot stand here"),
    ("while (true) {}", 1, 1, "`while` is not in the subset"),
    ("Math.foo(1)", 1, 5, "there is no Math.foo"),
    ("'abc", 1, 1, "a string has no end"),
    ("`abc ${1", 1, 9, "`}` is missing"),
    ("a /* b", 1, 3, "a comment has no end"),
    ("1 @ 2", 1, 3, "'@' has no meaning"),
    ("/(a/.test('x')", 1, 4, "no regular expression"),
    ("/a(?<=b)/.test('x')", 1, 4, "no regular expression"),
    ("const x = 1;\nreturn {\n  a: 1,\n  b: }", 4, 6, "a value is expected, `}`"),
    ("return {a: 1", 1, 13, "`}` is missing"),
    ("(" * 100 + "1" + ")" * 100, 1, 48, "nested more than"),
    ("1" + "+1" * 10_001, 1, 20_001, "longer than"),
    ("if (x) { return 1", 1, 18, "`}` is missing"),
    ("const 1 = 2", 1, 7, "a name is expected"),
    ("f => ", 1, 6, "a value is expected"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), REFUSED, ids=[text[:30] for text, *_ in REFUSED])
def test_what_is_wrong_is_said_with_its_place(text: str, line: int, column: int, message: str) -> None:
    for read in (parse_expression, parse_body):
        with pytest.raises(ExpressionError) as refused:
            read(text)
        assert message in refused.value.problem
        assert (refused.value.line, refused.value.column) == (line, column)


def test_the_nearest_name_is_told() -> None:
    with pytest.raises(ExpressionError, match="did you mean input"):
        parse_expression("inputs.state === 'open'")
    with pytest.raises(ExpressionError, match="did you mean includes"):
        parse_expression("input.labels.include('bug')")
    with pytest.raises(ExpressionError, match="put it in quotes"):
        parse_expression("${input.state} === bugfix")


RUN_AWAY = [
    "'a'.repeat(1e9)",
    "'a'.padEnd(1e9)",
    "Array(1e9)",
    "Array.from({length: 1e9})",
    "for (;;) {}",
    "const f = x => f(x); return f(1)",
    "let s = 'ab'; for (let i = 0; i < 64; i++) s += s; return s",
    "let a = [1]; for (let i = 0; i < 64; i++) a = [a, a]; return a",
    "let a = [1]; for (let i = 0; i < 64; i++) a = a.concat(a); return a",
    "const a = [1]; for (const x of a) a.push(x); for (;;) a.push(a)",
    "const a = []; a.push(a); return a",
    "const a = []; a.push(a); return String(a)",
    "const a = {}; a.a = a; return JSON.stringify(a)",
    "/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')",
    "/(x+x+)+y/.exec('x'.repeat(5000))",
    "'x'.repeat(100000).replace(/x/g, 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy')",
    "'x'.repeat(1000).split('').map(() => 'x'.repeat(1000)).join('')[0] + 'x'.repeat(1900000)",
    "let n = 3; for (let i = 0; i < 100000; i++) n = n * n; return n.toString().repeat(1e6)",
    "JSON.parse('['.repeat(100000))",
    "Array(1000).fill(0).map(() => Array(1000).fill(0).map(() => Array(1000).fill(0)))",
    "const f = n => n < 2 ? n : f(n - 1) + f(n - 2); return f(60)",
    "Array(3000).fill(1).sort((a, b) => 1e9.toString().repeat(99).length - a)",
]


@pytest.mark.parametrize("text", RUN_AWAY, ids=[text[:40] for text in RUN_AWAY])
def test_nothing_runs_away(text: str) -> None:
    began = time.process_time()
    with pytest.raises((EvaluationError, ExpressionError)):
        body(text)
    assert time.process_time() - began < 3


def test_numbers_that_grow_stay_numbers() -> None:
    assert body("let n = 3; for (let i = 0; i < 1000; i++) n = n * n; return n") is None
    assert body("(9007199254740993).toFixed(3)") == "9007199254740992.000"
    assert body("1e20.toFixed(10)") == "100000000000000000000.0000000000"


def test_an_error_while_running_says_where_and_of_what() -> None:
    with pytest.raises(EvaluationError, match=r"line 2, column 15: cannot read 'name' of undefined"):
        body("const x = 1;\nreturn args[9].name")
    with pytest.raises(EvaluationError, match="is not a function"):
        body(
            "input.state()" if False else "const x = 1; return x.toString.call" if False else "const f = 1; return f()"
        )
    with pytest.raises(EvaluationError, match="constant"):
        body("const a = 1; a = 2")


def test_deep_arguments_of_an_agent_are_an_error_of_the_call() -> None:
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(EvaluationError):
        holds("args.length === 1", {"args": [deep], "input": {}, "context": {}})  # type: ignore[list-item]


PIECES = [
    *(
        "args",
        "input",
        "context",
        "input.labels",
        "[0]",
        ".length",
        ".map(",
        "x => x",
        "=>",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
    ),
    *(
        "`",
        "${",
        "'",
        '"',
        "a",
        "1",
        "0.5",
        "1e9",
        "return ",
        "const ",
        "let x = ",
        "if (",
        "else ",
        "for (",
        " of ",
        ";",
    ),
    *(",", ":", "?", "?.", "??", "...", "+", "-", "*", "**", "/", "%", "!", "===", "<", ">=", "&&", "||", "=", "+="),
    *(
        "/a+/",
        ".test(",
        ".replace(",
        ".repeat(",
        "new Date(",
        "JSON.stringify(",
        "Math.max(",
        "function ",
        "async ",
        "\n",
    ),
    *("typeof ", "//", "/*", "*/", "\\", "switch (", "case 1:", "throw ", "\u2028", "😀", "in ", ".join(", "Array(3)"),
]


@settings(max_examples=400, deadline=20_000, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
def test_any_text_is_read_or_refused_and_runs_to_an_end(text: str) -> None:
    for read in (parse_expression, parse_body):
        with contextlib.suppress(EvaluationError, ExpressionError):
            body(read(text).text, NAMES)


TEXTS = st.recursive(
    st.sampled_from(["args[0]", "input.n", "'x'", "1", "null", "context.call", "input.labels", "`a${1}`", "/a|b*/"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "===", "&&", "||", "??", "<", "%", "in"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        inner.map(lambda text: f"!{text}"),
        inner.map(lambda text: f"[{text}].map(x => [x, {text}])"),
        inner.map(lambda text: f"String({text}).split('').reverse().join({text})"),
        inner.map(lambda text: f"({{a: {text}, ...({text})}})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]} ? {parts[1]} : {parts[0]})"),
        inner.map(lambda text: f"JSON.stringify({text})"),
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=20_000, suppress_health_check=list(HealthCheck))
@given(TEXTS)
def test_whatever_is_well_formed_is_read_and_comes_to_json_or_an_error(text: str) -> None:
    program = parse_expression(text)
    with contextlib.suppress(EvaluationError):
        body(program.text)
