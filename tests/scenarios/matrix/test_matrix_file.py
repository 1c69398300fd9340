"""A matrix file becomes the product of its axes, or an error at its own line."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from practicum.errors import UsageError
from practicum.scenarios.loader import load_scenario
from practicum.scenarios.matrix import Matrix, is_matrix, load_matrix, matrix_schema, select

COMPAT = Path(__file__).parents[4] / "shared" / "compat"


def refused(path: Path, *, strict: bool = False) -> str:
    with pytest.raises(UsageError) as caught:
        load_matrix(path, strict=strict)
    return str(caught.value)


def test_the_product_is_in_the_order_of_the_file_and_the_last_axis_changes_fastest(write) -> None:
    found = load_matrix(
        write(
            """\
runs_per_combination: 3
matrix:
  - parameter: run[0].input
    values: [List them, Show them]
  - parameter: character.temperature
    values: [0, 0.5]
"""
        )
    )
    assert [item.parameters for item in found.combinations] == [
        {"run[0].input": "List them", "character.temperature": 0},
        {"run[0].input": "List them", "character.temperature": 0.5},
        {"run[0].input": "Show them", "character.temperature": 0},
        {"run[0].input": "Show them", "character.temperature": 0.5},
    ]
    assert (found.runs, found.name, found.scenario, found.base.name) == (12, "m", "base", "base.scenario.yaml")
    assert [item.index for item in found.combinations] == [1, 2, 3, 4]


def test_each_combination_is_the_scenario_with_its_values_and_shares_nothing_that_differs(write) -> None:
    found = load_matrix(write('matrix: {"run[0].input": [A, B], "setup.mocks[0].response.ok": [false]}\n'))
    one, two = found.combinations
    assert (one.value["run"][0]["input"], two.value["run"][0]["input"]) == ("A", "B")
    assert one.value["setup"]["mocks"][0]["response"] == {"issues": [1, 2], "ok": False}
    base = load_scenario(found.base)
    assert base.scenario.run[0].input == "List the open issues"
    again = load_scenario(found.base, value=one.value)
    assert again.scenario.run[0].input == "A"
    assert again.scenario.setup.mocks[0].response == {"issues": [1, 2], "ok": False}


@pytest.mark.parametrize("base", ["base", "base.scenario", "base.scenario.yaml", "./base"])
def test_the_ending_of_the_base_may_be_left_out(write, base: str) -> None:
    path = write('matrix: {"run[0].input": [A]}\n', f"name: m\nbase_scenario: {base}\n")
    assert load_matrix(path).base.name == "base.scenario.yaml"


def test_the_base_is_found_from_the_present_folder_too(write, tmp_path: Path, monkeypatch) -> None:
    path = write('matrix: {"run[0].input": [A]}\n', "name: m\nbase_scenario: deep/base.scenario.yaml\n")
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "base.scenario.yaml").rename(tmp_path / "elsewhere" / "deep" / "base.scenario.yaml")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load_matrix(path).scenario == "base"


def test_a_base_that_was_moved_beside_the_matrix_is_read_and_that_is_said(write) -> None:
    found = load_matrix(
        write('matrix: {"run[0].input": [A]}\n', "name: m\nbase_scenario: ./src/examples/base.scenario.yaml\n")
    )
    assert found.base.name == "base.scenario.yaml"
    assert any(
        "m.matrix.yaml:2: base_scenario: './src/examples/base.scenario.yaml' is not there" in str(note)
        for note in found.notes
    )


def test_what_is_a_matrix_is_known_by_its_name_or_by_what_it_says(write, tmp_path: Path) -> None:
    path = write('matrix: {"run[0].input": [A]}\n')
    plain = path.rename(tmp_path / "m.yaml")
    (tmp_path / "broken.matrix.yaml").write_text("name: [")
    (tmp_path / "broken.yaml").write_text("name: [")
    assert is_matrix(plain)
    assert is_matrix(tmp_path / "broken.matrix.yaml")
    assert not is_matrix(tmp_path / "broken.yaml")
    assert not is_matrix(tmp_path / "base.scenario.yaml")


def test_a_base_that_is_not_there_is_named_with_the_nearest(write) -> None:
    said = refused(write('matrix: {"run[0].input": [A]}\n', "name: m\nbase_scenario: bse.scenario.yaml\n"))
    assert "m.matrix.yaml:2: base_scenario: 'bse.scenario.yaml': no such file" in said
    assert 'did you mean "base.scenario.yaml"?' in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("matrix: [{parameter: 'run[0].inptu', values: [x]}]", 'did you mean "run[0].input"?'),
        ("matrix: [{parameter: 'input', values: [x]}]", 'did you mean "run[0].input"?'),
        ("matrix: [{parameter: 'run[7].input', values: [x]}]", "run has 2: [0] to [1]"),
        ("matrix: [{parameter: 'character.modle', values: [x]}]", 'did you mean "character.model"?'),
        ("matrix: [{parameter: 'environment.env.LEVLE', values: [x]}]", 'did you mean "environment.env.LEVEL"?'),
        ("matrix: [{parameter: 'plugins[1].config.apikey', values: [x]}]", 'did you mean "plugins[1].config.apiKey"?'),
        ("matrix: [{parameter: 'run[0].evaluations[0].vlaue', values: [x]}]", '"run[0].evaluations[0].value"?'),
        ("matrix: [{parameter: 'run.input', values: [x]}]", "run is a list, so there is no run.input"),
        ("matrix: [{parameter: 'name.x', values: [x]}]", "name is a single value"),
        ("matrix: [{parameter: 'run[0', values: [x]}]", "is not a path"),
        ("matrix: [{parameter: '[0]', values: [x]}]", "begins with a key"),
    ],
)
def test_a_path_that_leads_nowhere_is_named_at_its_line_with_the_nearest(write, text: str, expected: str) -> None:
    said = refused(write(f"\n{text}\n"))
    assert "m.matrix.yaml:4: matrix[0].parameter: " in said
    assert expected in said


def test_a_key_that_nothing_reads_is_no_axis(write) -> None:
    base = write("").parent / "base.scenario.yaml"
    base.write_text(f"{base.read_text()}settings: {{voice: a}}\n")
    said = refused(write("matrix: [{parameter: settings.voice, values: [a, b]}]\n"))
    assert "nothing reads settings, so its combinations would not differ" in said


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("character.temperature", 0.2),
        ("character.model", "openai/x"),
        ("limits.time", "5s"),
        ("run[1].timeout", 3),
        ("run.0.input", "dots too"),
        ("plugins[0].enabled", False),
        ("setup.mocks[1].response_fn", "return 2"),
        ("setup.mocks[0].metadata.delay", 10),
        ('setup.virtual_fs["src/app.py"]', "x = 2"),
        ("judgment.strategy", "any_pass"),
        ("run[0].evaluations[0].case_sensitive", True),
        ("setup.mocks[0].response", {"issues": []}),
    ],
)
def test_what_the_schema_knows_may_be_left_out_of_the_base(write, parameter: str, value: object) -> None:
    import json

    found = load_matrix(write(f"matrix: [{{parameter: '{parameter}', values: [{json.dumps(value)}]}}]\n"))
    assert list(found.combinations[0].parameters.values()) == [value]


def test_a_mapping_that_the_file_writes_as_a_word_can_be_varied_inside(write) -> None:
    found = load_matrix(write('matrix: {"plugins[0].enabled": [false]}\n'))
    assert found.combinations[0].value["plugins"][0] == {"name": "one", "enabled": False}


def test_the_spelling_of_the_file_is_the_one_that_is_changed(write) -> None:
    found = load_matrix(write('matrix: {"setup.mocks[1].response_fn": ["return 2"]}\n'))
    assert found.combinations[0].value["setup"]["mocks"][1]["responseFn"] == "return 2"


def test_the_model_path_of_older_files_is_read_as_ours_and_that_is_said(write) -> None:
    found = load_matrix(write('matrix: {"character.llm.model": [openai/a, openai/b]}\n'))
    assert list(found.axes) == ["character.model"]
    assert any("character.llm.model is read as character.model" in str(note) for note in found.notes)


def test_a_value_that_makes_the_scenario_wrong_is_named_with_parameter_and_line(write) -> None:
    said = refused(write('matrix:\n  - parameter: character.temperature\n    values:\n      - 0.5\n      - "warm"\n'))
    assert "m.matrix.yaml:7: matrix[0].values[1]: character.temperature = warm: " in said
    assert "number" in said
    assert said.count("\n") == 0


def test_a_value_is_blamed_once_however_many_combinations_it_is_in(write) -> None:
    said = refused(write('matrix: {"run[0].input": [A, B, C], "character.temperature": [0.5, 9]}\n'))
    assert said.count("character.temperature = 9") == 1


def test_the_line_of_the_mapping_form_is_that_of_the_value(write) -> None:
    said = refused(write('matrix:\n  "run[0].input": [A]\n  character.temperature:\n    - 0.5\n    - 9\n'))
    assert "m.matrix.yaml:7: " in said


def test_a_wrong_base_is_said_of_the_base(write) -> None:
    path = write('matrix: {"run[0].input": [A]}\n')
    (path.parent / "base.scenario.yaml").write_text("name: base\n")
    said = refused(path)
    assert "base.scenario.yaml:1: run: is missing" in said


def test_an_input_that_satisfies_a_text_check_is_noted_at_its_value(write) -> None:
    found = load_matrix(write('matrix:\n  - parameter: run[0].input\n    values: [List them, "Say number one"]\n'))
    weak = [note for note in found.notes if note.kind == "weak"]
    assert [(note.path.endswith("m.matrix.yaml"), note.line) for note in weak] == [(True, 5)]
    assert "Say number one" in weak[0].message
    assert [bool(item.notes) for item in found.combinations] == [False, True]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("base_scenario: base\nmatrix: {name: [a]}\n", "name: is missing"),
        ("name: m\nmatrix: {name: [a]}\n", "base_scenario: is missing"),
        ("name: m\nbase_scenario: base\n", "at least one parameter"),
        ("name: m\nbase_scenario: base\nmatrix: []\n", "at least one parameter"),
        ("name: m\nbase_scenario: base\nmatrix: {name: a}\n", "a list is expected"),
        ("name: m\nbase_scenario: base\nmatrix: {name: []}\n", "is empty, and something has to stand there"),
        ("name: m\nbase_scenario: base\nmatrix: 5\n", "m.matrix.yaml:3: matrix: "),
        ("name: m\nbase_scenario: base\nruns_per_combination: 0\nmatrix: {name: [a]}\n", "greater than or equal to 1"),
        ("name: m\nbase_scenario: base\nmatrix: {name: [2024-01-01]}\n", "JSON"),
        ("name: m\nbase_scenario: base\nmatrix: {seed: [.nan]}\n", "without end"),
        ("name: m\nbase_scenario: base\nmatrix: {name: [a, b, a]}\n", "stands here twice"),
        ("name: m\nbase_scenario: base\nmatrix: [{parameter: name, values: [a]}, {parameter: name, values: [b]}]\n",
         "name stands here twice"),
        ("name: m\nbase_scenario: base\nmatrix: {character: [{name: B}], character.name: [C]}\n",
         "character.name is inside character, which varies too"),
        ("- a\n", "not a matrix"),
        ("", "not a matrix"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_matrix_is_refused_with_its_key(write, head: str, expected: str) -> None:
    said = refused(write("", head))
    assert expected in said
    assert "m.matrix.yaml:" in said


def test_true_one_and_the_word_are_three_values(write) -> None:
    assert (
        len(load_matrix(write("matrix: {'setup.mocks[0].response.ok': [true, 1, '1', 1.5, null]}\n")).combinations) == 5
    )


def test_what_a_terminal_would_obey_is_taken_out_of_errors(write) -> None:
    said = refused(write('matrix: {character.temperature: ["\\e[31mwarm\\u202e"], "run[0].\\e[2J": [1]}\n'))
    assert "\x1b" not in said
    said = refused(write('matrix: {character.temperature: ["\\e[31mwarm\\u202e"]}\n'))
    assert "character.temperature = [31mwarm: " in said
    assert not {"\x1b", "\u202e"} & set(said)


def test_an_unknown_key_is_a_note_and_an_error_for_who_is_strict(write) -> None:
    path = write('matrix: {"run[0].input": [A]}\nparalel: 4\n')
    assert any("paralel: unknown key" in str(note) for note in load_matrix(path).notes)
    assert "m.matrix.yaml:4: paralel: unknown key" in refused(path, strict=True)


def test_too_many_combinations_are_refused_before_any_is_made(write) -> None:
    values = ", ".join(map(str, range(30)))
    said = refused(write(f"matrix: {{seed: [{values}], limits.turns: [{values[3:]}], name: [{values}]}}\n"))
    assert "26100 combinations, at most 10000" in said


class TestFilter:
    @pytest.fixture
    def matrix(self, write) -> Matrix:
        text = 'matrix: {"run[0].input": ["List [all] issues", Show issues, Count], character.temperature: [0, 0.5]}\n'
        return load_matrix(write(text))

    @pytest.mark.parametrize(
        ("filters", "indexes"),
        [
            ([], [1, 2, 3, 4, 5, 6]),
            (["run[0].input=Count"], [5, 6]),
            (["run.0.input=Count"], []),
            (["run[0].input=*issues"], [1, 2, 3, 4]),
            (["run[0].input=List [all] *"], [1, 2]),
            (["issues"], [1, 2, 3, 4]),
            (["*ow*"], [3, 4]),
            (["character.temperature=0"], [1, 3, 5]),
            (["character.temperature=0", "issues"], [1, 3]),
        ],
    )
    def test_chooses_combinations(self, matrix: Matrix, filters: list[str], indexes: list[int]) -> None:
        if not indexes:
            with pytest.raises(UsageError, match="no parameter"):
                select(matrix, filters)
            return
        assert [item.index for item in select(matrix, filters)] == indexes

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("run[0].inptu=x", 'did you mean "run[0].input"?'),
            ("run[0].input=nothing", "no combination fits"),
            ("zzz", "character.temperature: 0, 0.5"),
            ("", "an empty filter"),
        ],
    )
    def test_what_fits_nothing_is_an_error(self, matrix: Matrix, text: str, said: str) -> None:
        with pytest.raises(UsageError) as caught:
            select(matrix, [text])
        assert said in str(caught.value)


def test_the_schema_for_editors_takes_both_forms_and_refuses_others() -> None:
    schema = matrix_schema()
    good = {"name": "m", "base_scenario": "b"}
    jsonschema.validate({**good, "matrix": [{"parameter": "a", "values": [1]}]}, schema)
    jsonschema.validate({**good, "matrix": {"a": [1]}, "ablation": ["solo", "full"]}, schema)
    for wrong in ({"matrix": 5}, {"matrix": {"a": []}}, {"ablation": ["none"]}, {"runs_per_combination": 0}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**good, **wrong}, schema)


@pytest.mark.skipif(not COMPAT.is_dir(), reason="the files from elsewhere are not here")
def test_the_matrix_from_elsewhere_loads() -> None:
    found = load_matrix(COMPAT / "github-issue-analysis.matrix.yaml")
    assert (len(found.combinations), found.runs, list(found.axes)) == (3, 3, ["run[0].input"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parameter=st.text(max_size=30)
    | st.sampled_from(
        ["run[0]", "run", "team", "name", "character", "setup.mocks[0]", "environment.env", "world", "run[0].to"]
    ),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
        max_leaves=8,
    ),
)
def test_any_value_at_any_path_loads_or_is_refused_with_its_file(write, parameter: str, value: object) -> None:
    import yaml

    path = write(yaml.safe_dump({"matrix": [{"parameter": parameter, "values": [value]}]}, allow_unicode=True))
    try:
        load_matrix(path)
    except UsageError as error:
        assert "m.matrix.yaml:" in str(error)  # noqa: PT017
