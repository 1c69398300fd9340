"""Wheels and manifests as data that anybody may have made."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from plugin_samples import specification, write

from practicum.plugins.pipeline.calls import fits, same
from practicum.plugins.pipeline.snapshot import take
from practicum.plugins.pipeline.wheel import examine, requires_of
from practicum.plugins.templates.made_up import required
from practicum.plugins.toolchains.python.manifest import check_manifest

NAME = "temperature_plugin-0.1.0-py3-none-any.whl"
INFO = "temperature_plugin-0.1.0.dist-info"
GOOD = {
    "temperature_plugin/__init__.py": "",
    f"{INFO}/METADATA": "Name: x\n",
    f"{INFO}/entry_points.txt": "[practicum.plugins]\ntemperature = temperature_plugin:plugin\n",
}


def wheel(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def test_a_plain_wheel_is_fine() -> None:
    assert examine(NAME, wheel(GOOD), specification()) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"../evil.py": ""}, "leads out"),
        ({"/evil.py": ""}, "leads out"),
        ({"evil.pth": "import os"}, ".pth"),
        ({"temperature_plugin/evil.pth": "import os"}, ".pth"),
        ({"other/__init__.py": ""}, "outside of the package"),
        ({"sitecustomize.py": ""}, "outside of the package"),
        ({"temperature_plugin-0.1.0.data/scripts/evil": ""}, "scripts and data"),
        ({"temperature_plugin/evil.so": ""}, "of the kind .so"),
        ({f"{INFO}/entry_points.txt": "[console_scripts]\nls = temperature_plugin:x\n"}, "console_scripts"),
        ({f"{INFO}/entry_points.txt": "[practicum.plugins]\ntemperature = os:system\n"}, "must read"),
        ({f"{INFO}/entry_points.txt": "[pytest11]\nx = temperature_plugin\n"}, "pytest11"),
        ({f"{INFO}/entry_points.txt": ""}, "one entry point"),
        (
            {
                f"{INFO}/entry_points.txt": "[pytest11]\nx = temperature_plugin\n",
                f"{INFO}/licenses/entry_points.txt": GOOD[f"{INFO}/entry_points.txt"],
            },
            "pytest11",
        ),
        ({"other-1.0.dist-info/entry_points.txt": "[pytest11]\nx = temperature_plugin\n"}, "2 .dist-info folders"),
    ],
)
def test_what_would_run_or_lie_outside_is_refused(files: dict[str, str], said: str) -> None:
    problems = examine(NAME, wheel({**GOOD, **files}), specification())
    assert any(said in one.message for one in problems), problems


def test_a_damaged_wheel_is_a_bad_one_and_no_mistake_of_ours() -> None:
    data = wheel(GOOD)
    assert "cannot be read" in examine(NAME, data.replace(b"Name: x", b"Name: y"), specification())[0].message
    bare = {name: text for name, text in GOOD.items() if "METADATA" not in name}
    assert "must have one with METADATA" in examine(NAME, wheel(bare), specification())[0].message


def test_what_a_wheel_requires_is_found_however_it_is_written() -> None:
    hidden = {f"{INFO}/x.dist-info/METADATA": "", **GOOD, f"{INFO}/METADATA": "Name: x\r\nrequires-dist: evil\r\n\r\n"}
    assert requires_of(wheel(hidden)) == ("evil",)


def test_a_file_of_the_package_is_the_one_that_stands_in_its_place(tmp_path: Path) -> None:
    spec = write(tmp_path / "plugin", {"tests/other.py": "X = 1\n"})
    snapshot = take(tmp_path / "plugin", tmp_path / "copy")
    moved = {**GOOD, "temperature_plugin/__init__.py": "X = 1\n"}
    assert "was made while building" in examine(NAME, wheel(moved), spec, snapshot)[0].message


def test_what_is_no_pure_wheel_is_refused() -> None:
    assert examine(NAME, b"no zip", specification())
    assert examine("temperature_plugin-0.1.0-cp311-cp311-linux_x86_64.whl", wheel(GOOD), specification())
    assert examine("../x.whl", wheel(GOOD), specification())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hatchling.build", "evil", "build-backend"),
        ('["hatchling>=1.27"]', '["hatchling", "evil"]', "requires must be hatchling"),
        ("[project]\n", '[project]\ndynamic = ["dependencies"]\n', "dynamic"),
        ('version = "0.1.0"', 'version = "9.9.9"', "version must be"),
        ("dependencies = []", 'dependencies = ["evil"]', "not in the specification"),
        ("dependencies = []", 'dependencies = ["practicum"]', "leave it out"),
        ("[tool.hatch", '[tool.hatch.build.hooks.custom]\npath = "x.py"\n[tool.hatch', "hooks"),
        ("[tool.hatch", "[tool.hatch.metadata.hooks.custom]\n[tool.hatch", "hooks"),
        ("[tool.hatch", '[tool.hatch.version]\nsource = "code"\npath = "x.py"\n[tool.hatch', "may not run code"),
        ("[tool.hatch", '[project.scripts]\nls = "x:y"\n[tool.hatch', "install programs"),
        ("[project]", "[project", "no TOML"),
    ],
)
def test_a_manifest_that_would_run_code_or_says_something_else_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    spec = write(tmp_path / "plugin", {})
    file = tmp_path / "plugin" / "pyproject.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    result = check_manifest(take(tmp_path / "plugin", tmp_path / "copy"), spec)
    assert result.status == "failed"
    assert any(said in one.message for one in result.problems), result.problems


def test_values_are_compared_as_json() -> None:
    assert same(1, 1.0 + 1e-12)
    assert same({"a": [1, "x", None]}, {"a": [1.0, "x", None]})
    assert not same(True, 1)
    assert not same({"a": 1}, {"a": 1, "b": 2})
    assert fits(2, "number")
    assert not fits(2.5, "integer")
    assert not fits(True, "number")
    assert required(specification().actions[0]) == {"celsius": 2.5}
