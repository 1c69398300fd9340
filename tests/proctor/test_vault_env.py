"""`.env` files, the shell, and the order in which vaults are asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from practicum.errors import InvalidFileError, VaultError
from practicum.proctor.secret import Secret
from practicum.proctor.vault import EnvVault, FileVault, KeyFile, read_env_file
from practicum.proctor.vault.layers import open_layers
from practicum.proctor.vault.paths import key_path, vault_path


def read(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / ".env"
    path.write_text(text)
    return {name: line.value.reveal() for name, line in read_env_file(path).items()}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=plain", "plain"),
        ("export A=plain", "plain"),
        ("  A = plain  ", "plain"),
        ("A=plain # a comment", "plain"),
        ("A=with#hash", "with#hash"),
        ("A=", ""),
        ("A= # only a comment", ""),
        ("A='single $HOME \\n # kept'", "single $HOME \\n # kept"),
        ('A="double \\"quoted\\" \\n $HOME" # a comment', 'double "quoted" \n $HOME'),
        ('A="over\nlines"', "over\nlines"),
        ("# first\n\nA=plain\r\n", "plain"),
        ("A=a=b==", "a=b=="),
        ('A="\\d stays"', "\\d stays"),
    ],
)
def test_values_are_read_as_written(tmp_path: Path, text: str, value: str) -> None:
    assert read(tmp_path, text) == {"A": value}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A=1\nnonsense hunter2secret", 2),
        ("A=1\n\n2B=hunter2secret", 3),
        ('A="over\nlines"\nB="hunter2secret', 3),
        ("A='hunter2secret' more", 1),
        ("A=1\nA=hunter2secret", 2),
    ],
)
def test_errors_name_file_and_line_and_never_the_value(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(InvalidFileError) as caught:
        read(tmp_path, text)
    assert f"{tmp_path / '.env'}:{line}:" in str(caught.value)
    assert "hunter2secret" not in str(caught.value) + repr(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match=str(tmp_path / "none")):
        read_env_file(tmp_path / "none")


def test_known_variables_become_names_and_others_are_not_kept() -> None:
    values = {
        "GITHUB_TOKEN": "shared-key",
        "GITHUB_TOKEN__DEV_1": "own-key",
        "ANTHROPIC_API_KEY": "model-key",
        "AWS_SECRET_ACCESS_KEY": "not ours",
        "GITHUB_TOKEN_OLD": "not ours",
    }
    vault = EnvVault({name: Secret(value) for name, value in values.items()}, "shell")
    assert vault.get("github") == Secret("shared-key")
    assert vault.get("github@dev-1") == Secret("own-key")
    assert vault.get("github@dev-2") is None
    assert vault.get("anthropic") == Secret("model-key")
    assert [entry.name for entry in vault.entries()] == ["ANTHROPIC_API_KEY", "GITHUB_TOKEN", "GITHUB_TOKEN__DEV_1"]
    assert vault.strangers(["dev-2"]) == ["GITHUB_TOKEN__DEV_1"]
    assert vault.strangers(["dev-1"]) == []


def test_a_variable_that_may_mean_two_agents_is_refused() -> None:
    vault = EnvVault({"GITHUB_TOKEN__DEV_1": Secret("own-key")}, "shell")
    with pytest.raises(VaultError, match="dev-1 or dev_1"):
        vault.check_agents(["dev-1", "dev_1", "qa"])


def test_the_env_file_comes_before_the_vault_and_the_vault_before_the_shell(tmp_path: Path) -> None:
    environment = {
        "PRACTICUM_VAULT": str(tmp_path / "vault.json"),
        "PRACTICUM_MASTER_KEY": str(tmp_path / "master.key"),
        "GITHUB_TOKEN": "from the shell",
        "SLACK_BOT_TOKEN": "from the shell",
        "OPENAI_API_KEY": "from the shell",
    }
    vault = FileVault(vault_path(environment), KeyFile(key_path(environment)))
    vault.set("github", Secret("from the vault"))
    vault.set("slack", Secret("from the vault"))
    env_file = tmp_path / "keys.env"
    env_file.write_text("GITHUB_TOKEN=from the file\n")
    layers = open_layers(environment, env_file=str(env_file))
    assert [layers.need(name).secret.reveal() for name in ("github", "slack", "openai")] == [
        "from the file",
        "from the vault",
        "from the shell",
    ]
    assert layers.need("openai").origin == "shell"


def test_no_env_file_is_read_unless_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("GITHUB_TOKEN=found by accident\n")
    monkeypatch.chdir(tmp_path)
    assert open_layers({"PRACTICUM_VAULT": str(tmp_path / "vault.json")}).find("github") is None


def test_an_agents_own_key_comes_before_the_shared_one_wherever_it_is(tmp_path: Path) -> None:
    environment = {"PRACTICUM_VAULT": str(tmp_path / "v.json"), "GITHUB_TOKEN__QA": "own", "GITHUB_TOKEN": "shared"}
    layers = open_layers(environment)
    assert layers.need("github", "qa").name == "github@qa"
    assert layers.need("github", "dev-1").name == "github"


def test_a_missing_key_is_answered_with_the_lines_that_help(tmp_path: Path) -> None:
    layers = open_layers({"PRACTICUM_VAULT": str(tmp_path / "v.json")})
    with pytest.raises(VaultError) as caught:
        layers.need("github", "dev-1")
    assert "practicum secrets set github@dev-1" in caught.value.hint
    assert "GITHUB_TOKEN__DEV_1 or GITHUB_TOKEN" in caught.value.hint


def test_paths_follow_the_xdg_specification(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert vault_path(home) == tmp_path / ".local/share/practicum/vault.json"
    assert key_path(home) == tmp_path / ".config/practicum/master.key"
    assert vault_path({**home, "XDG_DATA_HOME": "/data"}) == Path("/data/practicum/vault.json")
    assert vault_path({**home, "XDG_DATA_HOME": "relative"}) == tmp_path / ".local/share/practicum/vault.json"
