"""What agents wrote: their words and the files of their workspaces, and nobody else's."""

from __future__ import annotations

from evaluated_run import EvaluatedRun

from practicum.bus.events import InputGiven, MessagePosted, ModelAnswered


def said(run: EvaluatedRun, agent: str, text: str) -> None:
    run.happened(agent, ModelAnswered(turn=1, request=1, text=text, calls=(), stop="end"))


async def test_only_the_agents_own_words_count(team_run: EvaluatedRun) -> None:
    team_run.happened("launcher", InputGiven(step=0, to="pm", text="Say teapot"))
    team_run.happened("operator", MessagePosted(text="teapot", to="agent.pm"))
    for kind, keys in (("string_contains", {"value": "teapot"}), ("regex_match", {"pattern": "tea.ot"})):
        assert not (await team_run.look(kind, **keys)).passed
    assert (await team_run.look("string_contains", value="teapot")).summary == "the agents never wrote 'teapot'"
    assert (await team_run.look("regex_match", pattern="t.")).summary == "nothing that the agents wrote fits 't.'"
    said(team_run, "pm", "A TeaPot")
    assert (await team_run.look("string_contains", value="teapot")).passed
    assert not (await team_run.look("string_contains", value="teapot", case_sensitive=True)).passed
    assert not (await team_run.look("string_contains", value="teapot", agent="lead")).passed
    other = await team_run.look("regex_match", pattern="teapot")
    assert (other.passed, other.summary.endswith("but for small and capital letters (flags: i)")) == (False, True)
    assert (await team_run.look("regex_match", pattern="^a teapot$", flags="im")).summary == "matched 'A TeaPot'"
    team_run.happened("lead", MessagePosted(text="teapot!", to="all.all"))
    assert (await team_run.look("string_contains", value="teapot", agent="lead")).passed


async def test_files_of_a_workspace(team_run: EvaluatedRun) -> None:
    assert (await team_run.look("file_exists", path="out/a.md")).summary == "out/a.md is not there"
    assert (await team_run.look("file_contains", path="out/a.md", value="x")).summary == "out/a.md is not there"
    folder = team_run.directory / "agents" / "qa" / "out"
    folder.mkdir()
    assert not (await team_run.look("file_exists", path="out")).counts
    (folder / "a.md").write_bytes(b"tea \xff pot")
    assert (await team_run.look("file_exists", path="out/a.md")).passed
    assert not (await team_run.look("file_exists", path="out/a.md", agent="lead")).passed
    assert (await team_run.look("file_contains", path="out/a.md", value="pot", agent="qa")).passed
    assert (
        await team_run.look("file_contains", path="out/a.md", value="cup")
    ).summary == "out/a.md does not hold 'cup'"


async def test_a_link_out_of_the_workspace_is_no_file_of_it(team_run: EvaluatedRun) -> None:
    (team_run.directory / "agents" / "qa" / "a.md").write_text("mine")
    (team_run.directory / "agents" / "lead" / "a.md").symlink_to(team_run.directory / "agents" / "qa" / "a.md")
    (team_run.directory / "agents" / "lead" / "passwd").symlink_to("/etc/passwd")
    assert not (await team_run.look("file_exists", path="passwd")).passed
    assert not (await team_run.look("file_exists", path="a.md", agent="lead")).passed
    assert (await team_run.look("file_exists", path="a.md")).passed
