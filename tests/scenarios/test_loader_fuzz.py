"""Whatever is done to a scenario file, its user is told where it is wrong; nothing else ever comes out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from practicum.errors import UsageError
from practicum.scenarios.loader import load_scenario

ORIGINAL = Path(__file__).parents[2] / "scenarios" / "dev-team"
LINES = (ORIGINAL / "scenario.yaml").read_text().splitlines()

_values = st.sampled_from(
    [
        "",
        "~",
        "5",
        "-1",
        ".nan",
        ".inf",
        "1e999",
        "0x" + "f" * 5000,
        "true",
        "[]",
        "{}",
        "[[]]",
        "{a: b}",
        "2024-02-31",
        "!!bool x",
        "!!int ''",
        "!!binary x",
        "&a [*a]",
        "*a",
        "'",
        '"\\0"',
        "|",
        "<<: {a: b}",
        "? x",
        "%YAML 9",
        "\x00",
        "\u202e",
        "./../..",
        "x" * 5000,
        "[" * 400,
        "{a: " * 400,
        "12:30:45",
        "0o7",
        "!!set {a, b}",
        "!!omap [a: 1]",
        "!!python/none x",
    ]
)
_at = st.integers(0, len(LINES) - 1)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = min(draw(_at), len(lines) - 1)
        match draw(st.sampled_from(["delete", "double", "swap", "value", "replace", "insert", "indent", "bytes"])):
            case "delete" if len(lines) > 1:
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                other = min(draw(_at), len(lines) - 1)
                lines[at], lines[other] = lines[other], lines[at]
            case "value":
                lines[at] = f"{lines[at].partition(':')[0]}: {draw(_values)}"
            case "replace":
                lines[at] = draw(st.text(max_size=40))
            case "insert":
                lines.insert(at, draw(_values))
            case "indent":
                lines[at] = " " * draw(st.integers(0, 9)) + lines[at].lstrip()
            case _:
                raw = "\n".join(lines).encode("utf-8", "replace")
                cut = draw(st.integers(0, len(raw)))
                return raw[:cut] + draw(st.binary(max_size=30)) + raw[cut + draw(st.integers(0, 30)) :]
    return "\n".join(lines).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fuzz")
    shutil.copyfile(ORIGINAL / "brief.md", made / "brief.md")
    return made


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(content=mutated())
def test_a_spoilt_scenario_loads_or_is_refused_with_its_place(folder: Path, content: bytes) -> None:
    path = folder / "scenario.yaml"
    path.write_bytes(content)
    try:
        load_scenario(path)
    except UsageError as error:
        assert all(str(path) in line for line in str(error).splitlines() if not line.startswith("       "))  # noqa: PT017


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates(),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=4)
        ),
        max_leaves=20,
    ),
    key=st.sampled_from(
        ["name", "team", "world", "setup", "run", "limits", "evaluations", "own_evaluations", "judgment", "product"]
    ),
)
def test_any_value_at_any_key_loads_or_is_refused_with_its_key(folder: Path, key: str, value: object) -> None:
    import yaml

    whole = yaml.safe_load("\n".join(LINES))
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump({**whole, key: value}, allow_unicode=True))
    try:
        load_scenario(path)
    except UsageError as error:
        assert str(path) in str(error)  # noqa: PT017
