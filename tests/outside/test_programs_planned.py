"""What a program needs to be shown, and what it is never shown; whose part it takes; its whole environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from outside_kit import LEASE, SEED, boot_of

from practicum.agents.outside.environment import environment_of
from practicum.api.sandbox import Mount
from practicum.errors import MissingExtraError, UsageError
from practicum.runtime.plan import Options, Plan, make_plan
from practicum.runtime.programs import PlannedProgram, plan_program
from practicum.scenarios.schema import Member

SCENARIO = """
name: own
team:
  me:
    role: general
    process: {process}
    {more}
run:
  - {{input: Go, to: me}}
evaluations:
  - {{type: file_exists, path: x}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario's folder with programs in it, in a home without secrets."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PRACTICUM_HOME", str(tmp_path / "records"))
    for name in ("PRACTICUM_MODEL", "PRACTICUM_VAULT", "PRACTICUM_MASTER_KEY", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "scenario"
    for name in ("agent.py", "program/main.py", "program/helper.py", "tests/test.py", "run.sh"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    return folder


def planned(folder: Path, *process: str, **more: object) -> PlannedProgram:
    member = Member.model_validate({"role": "general", "process": process, **more})
    return plan_program(member, None, folder)


def test_files_beside_the_scenario_are_shown_and_nothing_else_of_it(folder: Path) -> None:
    alone = planned(folder, "sh", "agent.py", "--flag", "tests", "no.py", ".")
    assert alone.start.argv[1:] == (str(folder / "agent.py"), "--flag", "tests", "no.py", ".")
    assert alone.mounts == (Mount(folder / "agent.py", str(folder / "agent.py")),)
    assert alone.name == "process/agent.py"
    below = planned(folder, "sh", "program/main.py")
    assert below.mounts == (Mount(folder / "program", str(folder / "program")),)
    script = planned(folder, "./run.sh", "./tests")
    assert script.start.argv == (str(folder / "run.sh"), str(folder / "tests"))
    assert {mount.inside for mount in script.mounts} == {str(folder / "run.sh"), str(folder / "tests")}
    assert script.name == "process/run.sh"


def test_a_word_that_leads_outside_stays_a_word(folder: Path) -> None:
    (folder.parent / "secret.txt").write_text("x")
    assert planned(folder, "sh", "../secret.txt", "/etc/passwd", "x/../../secret.txt").mounts == ()


def test_a_virtual_environment_is_shown_with_the_installation_that_it_leads_to(folder: Path, tmp_path: Path) -> None:
    base = tmp_path / "pythons" / "cpython-3.99.1"
    (base / "bin").mkdir(parents=True)
    (base / "bin" / "python3.99").write_text("#!/bin/sh\n")
    (base / "bin" / "python3.99").chmod(0o755)
    (tmp_path / "pythons" / "cpython-3.99").symlink_to(base)
    venv = folder / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(tmp_path / "pythons" / "cpython-3.99" / "bin" / "python3.99")
    (venv / "pyvenv.cfg").write_text(f"home = {tmp_path}/pythons/cpython-3.99/bin\nversion = 3.99\n")
    found = planned(folder, ".venv/bin/python", "agent.py")
    assert found.start.argv[0] == str(venv / "bin" / "python")
    assert {(mount.inside, mount.host) for mount in found.mounts} == {
        (str(venv), venv),
        (str(base), base),
        (str(tmp_path / "pythons" / "cpython-3.99"), base),
        (str(folder / "agent.py"), folder / "agent.py"),
    }


def test_an_installed_program_is_found_through_its_link(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home" / ".local"
    tool = home / "share" / "tools" / "my-agent"
    for place in (tool / "bin", home / "bin", home / "lib", tmp_path / "shims"):
        place.mkdir(parents=True)
    for place in (tool / "bin" / "my-agent", home / "bin" / "single", tmp_path / "shims" / "my-agent"):
        place.write_text("#!/bin/sh\n")
        place.chmod(0o755)
    (tool / "bin" / "python").symlink_to(sys.executable)
    (tool / "pyvenv.cfg").write_text(f"home = {Path(sys.base_prefix) / 'bin'}\n")
    (home / "bin" / "my-agent").symlink_to(tool / "bin" / "my-agent")
    monkeypatch.setenv("PATH", f"{tmp_path}/shims:{home}/bin:/usr/bin")
    assert planned(folder, "my-agent").mounts == (Mount(tool, str(tool)),)
    assert planned(folder, "my-agent").start.argv == (str(tool / "bin" / "my-agent"),)
    # Not the whole of ~/.local, where the vault lies.
    assert planned(folder, "single").mounts == (Mount(home / "bin" / "single", str(home / "bin" / "single")),)


def test_what_the_sandbox_shows_anyhow_is_not_mounted_again(folder: Path) -> None:
    assert planned(folder, sys.executable).mounts == ()
    assert planned(folder, "/bin/sh", mounts=["/usr/lib"]).mounts == ()


@pytest.mark.parametrize(
    ("mount", "what"),
    [
        ("~", "the vault is there"),
        ("~/.local/share", "the vault is there"),
        ("~/.config/practicum/master.key", "the vault's key is there"),
        ("../records", "the records of all runs is there"),
        ("../records/runs/one", "the records of all runs is there"),
        ("/etc", "as a whole"),
        ("nowhere", "no such file"),
    ],
)
def test_nothing_is_shown_that_no_agent_may_see(folder: Path, tmp_path: Path, mount: str, what: str) -> None:
    for name in (".local/share/practicum/vault.json", ".config/practicum/master.key"):
        (tmp_path / "home" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "home" / name).write_text("{}")
    (tmp_path / "records" / "runs" / "one").mkdir(parents=True)
    with pytest.raises(UsageError, match=what):
        planned(folder, "/bin/sh", mounts=[mount])


def test_files_of_keys_are_shown_empty(folder: Path) -> None:
    for name in (".env", ".env.local", ".env.example", "deep/.env", "node_modules/x/.env", "keys.txt"):
        (folder / "program" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "program" / name).write_text("OPENAI_API_KEY=x\n")
    member = Member.model_validate({"role": "general", "process": ["sh", "program/main.py"]})
    mounts = plan_program(member, None, folder, folder / "program" / "keys.txt").mounts
    emptied = {mount.inside: mount.host for mount in mounts[1:]}
    assert set(emptied) == {f"{folder}/program/{name}" for name in (".env", ".env.local", "deep/.env", "keys.txt")}
    assert {path.read_bytes() for path in emptied.values()} == {b""}
    with pytest.raises(UsageError, match="hold keys"):
        planned(folder, "sh", "agent.py", mounts=["program/.env"])


@pytest.mark.parametrize(
    ("process", "more", "said"),
    [
        ("[no-such-program-anywhere]", "", "there is no program 'no-such-program-anywhere' on your PATH"),
        ("[./agent.py]", "", "no program there that can be executed"),
        ("[./agent.py]", "", "; chmod +x "),
        ("[./gone]", "", "no program there that can be executed"),
        ("[]", "", "no command: write such as [python3, agent.py], or leave it out"),
        ("''", "", "no command"),
        ("[sh, '{input}']", "", "{input} is for the protocol text"),
        ("sh 'unclosed", "", "not a command line"),
        ("[sh]", "mounts: [gone]", "mounts: gone: no such file or folder"),
        ("[sh]", "model: human", "human is no model that a program can ask"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(folder: Path, process: str, more: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan_of(folder, process, more)
    assert said in str(caught.value)
    assert "human" in said or "scenario.yaml:6" in str(caught.value)


def plan_of(folder: Path, process: str = "[sh, agent.py]", more: str = "", **options: object) -> Plan:
    (folder / "scenario.yaml").write_text(SCENARIO.format(process=process, more=more))
    return make_plan(str(folder), Options(**options))  # type: ignore[arg-type]


def test_a_program_needs_no_model_and_may_be_leased_one(folder: Path) -> None:
    [alone] = plan_of(folder).agents
    assert (alone.model_text, str(alone.model), alone.model.service) == ("process/agent.py",) * 2 + ("",)
    assert plan_of(folder).services == {}
    assert plan_of(folder).budget_usd is None
    for given in (plan_of(folder, more="model: openai/gpt-x"), plan_of(folder, models=("*=openai/gpt-x",))):
        [agent] = given.agents
        assert (agent.model_text, str(agent.model)) == ("process/agent.py", "openai/gpt-x")
        assert agent.program is not None
        assert agent.program.start.model == "gpt-x"
        assert set(given.services) == {"openai"}
        assert given.budget_usd == 5
        [setup] = given.setups()
        assert setup.model == "openai/gpt-x"


def test_scripts_take_its_place_where_the_command_line_says_so(folder: Path) -> None:
    (folder / "teams").mkdir()
    (folder / "teams" / "oracle.py").write_text(
        "from practicum.models.script import Turn, script\n\n\n@script('me')\nasync def me(turn: Turn) -> None: ...\n"
    )
    assert plan_of(folder).agents[0].model_text == "process/agent.py"
    for more in ("", "model: openai/gpt-x"):
        for given in (plan_of(folder, more=more, team="oracle"), plan_of(folder, more=more, models=("*=script/idle",))):
            assert given.agents[0].program is None
            assert given.agents[0].model_text in ("script/me", "script/idle")
            assert given.services == {}
    (folder / "scenario.yaml").write_text(SCENARIO.format(process="", more="").replace("    process: \n", ""))
    with pytest.raises(UsageError, match="a program's command stands in its scenario"):
        make_plan(str(folder), Options(models=("me=process/agent.py",)))


@pytest.mark.parametrize(("more", "extra"), [("protocol: mcp", "mcp"), ("tools: mcp", "mcp"), ("protocol: a2a", "a2a")])
def test_a_missing_sdk_is_named_before_anything_starts(
    folder: Path, monkeypatch: pytest.MonkeyPatch, more: str, extra: str
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == extra else name)
    with pytest.raises(MissingExtraError, match=extra) as caught:
        plan_of(folder, more=more)
    assert caught.value.hint == f"pip install 'practicum[{extra}]'"


def test_the_environment_is_what_vendors_look_for_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-shell")
    services = ("openai", "anthropic", "github", "slack", "discord", "deploy", "mocks")
    env = {"FLAG": "on", "OPENAI_API_KEY": "from the file", "PATH": "/odd"}
    boot = boot_of(tmp_path / "me", "", services=services, env=env, model="gpt-x")
    found = environment_of(boot, mcp_url="http://127.0.0.1:1/word/mcp")
    at = "http://127.0.0.1:1"
    assert {name: value for name, value in found.items() if name.endswith(("_URL", "_MODEL"))} == {
        "OPENAI_BASE_URL": f"{at}/openai", "ANTHROPIC_BASE_URL": f"{at}/anthropic", "GITHUB_API_URL": f"{at}/github",
        "GITHUB_SERVER_URL": f"{at}/git", "SLACK_API_URL": f"{at}/slack/", "DISCORD_API_URL": f"{at}/discord",
        "DEPLOY_URL": f"{at}/deploy", "MOCKS_URL": f"{at}/mocks", "PRACTICUM_MCP_URL": f"{at}/word/mcp",
        "PRACTICUM_MODEL": "gpt-x", "OPENAI_MODEL": "gpt-x", "OPENAI_DEFAULT_MODEL": "gpt-x",
        "ANTHROPIC_MODEL": "gpt-x",
    }  # fmt: skip
    keys = {"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GITHUB_TOKEN", "GH_TOKEN", "SLACK_BOT_TOKEN", "DISCORD_TOKEN"}
    keys |= {"DISCORD_BOT_TOKEN", "DEPLOY_TOKEN", "MOCKS_TOKEN"}
    assert {name for name, value in found.items() if value == LEASE} == keys
    assert found["FLAG"] == "on"
    assert found["PRACTICUM_INSTRUCTIONS"] == "Be brief."
    text = "\n".join(found.values())
    assert not any(secret in text for secret in ("of-the-shell", SEED, "a-token-of-the-bus"))
    bare = environment_of(boot_of(tmp_path / "me", ""))
    assert set(bare) <= {
        "PATH", "HOME", "LANG", "TMPDIR", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED",
        "OPENAI_AGENTS_DISABLE_TRACING", "PRACTICUM_AGENT", "PRACTICUM_ROLE", "PRACTICUM_WORKSPACE",
        "PRACTICUM_INSTRUCTIONS",
    }  # fmt: skip
    assert os.environ["AWS_SECRET_ACCESS_KEY"]
