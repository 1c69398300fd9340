"""The store: what is installed, which version is current, and what happens when somebody dies half-way."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from plugin_wheels import GREETER, wheel

from practicum.errors import UsageError
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.store import Grant, Store


async def add(store: Store, tmp_path: Path, version: str, code: str = GREETER) -> None:
    installed, _ = await store.add(wheel(tmp_path / "wheels", "greeter", version, code))
    store.activate("greeter", installed.version)


async def test_versions_lie_side_by_side_and_one_is_current(store: Store, tmp_path: Path) -> None:
    assert (store.names(), store.all(), store.current("greeter"), store.versions("greeter")) == ([], [], "", [])
    for version in ("0.1.0", "0.2.0", "0.3.0"):
        await add(store, tmp_path, version)
    assert store.versions("greeter") == ["0.1.0", "0.2.0", "0.3.0"]
    assert [item.version for item in store.all()] == ["0.3.0"]
    assert store.before("greeter") == "0.2.0"
    assert store.rollback("greeter").version == "0.2.0"
    assert (store.current("greeter"), store.before("greeter")) == ("0.2.0", "0.1.0")
    store.remove("greeter", "0.1.0")
    with pytest.raises(UsageError, match="no earlier version"):
        store.rollback("greeter")
    with pytest.raises(UsageError, match="is the current version"):
        store.remove("greeter", "0.2.0")
    store.remove("greeter")
    assert store.names() == []
    with pytest.raises(UsageError, match="no plugin 'greeter' is installed"):
        store.remove("greeter")


async def test_the_manifest_holds_where_it_came_from(store: Store, tmp_path: Path) -> None:
    spec = PluginSpecification.model_validate(
        {
            "name": "greeter", "description": "x", "actions": [{"name": "greet", "description": "x"}],
            "environment": [{"name": "API_TOKEN", "sensitive": True}], "capabilities": ["fs"],
        }
    )  # fmt: skip
    built = wheel(tmp_path / "wheels", "greeter", "0.1.0", GREETER)
    installed, new = await store.add(built, grant=Grant.of(spec), job="job-1", checks={"pytest": "passed"})
    assert new
    told = json.loads((installed.folder / "manifest.json").read_text())
    assert told["digest"].startswith("sha256:")
    assert (told["job"], told["checks"], told["host"]) == ("job-1", {"pytest": "passed"}, "isolated")
    assert told["grant"]["capabilities"] == ["fs"]
    assert told["grant"]["components"] == [["action", "greet"]]
    assert installed.wheel.read_bytes() == built.read_bytes()
    assert stat.S_IMODE((installed.site / "greeter_plugin.py").stat().st_mode) == 0o644


async def test_the_same_file_is_there_already_and_another_of_its_version_is_refused(
    store: Store, tmp_path: Path
) -> None:
    await add(store, tmp_path, "0.1.0")
    _, new = await store.add(wheel(tmp_path / "wheels", "greeter", "0.1.0", GREETER))
    assert not new
    with pytest.raises(UsageError, match=r"greeter 0\.1\.0 is installed already, and is another file"):
        await add(store, tmp_path, "0.1.0", GREETER + "\n# changed")


async def test_what_was_left_half_way_is_not_installed_and_is_swept(store: Store, tmp_path: Path) -> None:
    await add(store, tmp_path, "0.1.0")
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    place = store.root / "greeter"
    (place / f".new-{gone.pid}-x" / "site").mkdir(parents=True)
    (place / f".new-{os.getpid()}-x").mkdir()
    (place / "0.9.0").mkdir()  # a folder without a manifest
    (place / ".current").write_text("0.9.0\n")  # a pointer that was never put in its place
    assert (store.versions("greeter"), store.current("greeter")) == (["0.1.0"], "0.1.0")
    await add(store, tmp_path, "0.2.0")
    assert [item.name for item in place.glob(".new-*")] == [f".new-{os.getpid()}-x"]  # another task of ours, perhaps


async def test_two_that_install_the_same_at_once_get_the_same(store: Store, tmp_path: Path) -> None:
    built = wheel(tmp_path / "wheels", "greeter", "0.1.0", GREETER)
    both = await asyncio.gather(store.add(built), store.add(built))
    assert both[0][0] == both[1][0]


async def test_what_is_no_plugin_s_wheel_is_refused(store: Store, tmp_path: Path) -> None:
    text = tmp_path / "x.whl"
    text.write_text("no")
    with pytest.raises(UsageError, match="is not a wheel"):
        await store.add(text)
    outside = wheel(tmp_path / "wheels", "greeter", "0.1.0", GREETER)
    with zipfile.ZipFile(outside, "a") as archive:
        archive.writestr("../outside.py", "")
    with pytest.raises(UsageError, match="leads outside"):
        await store.add(outside)
    plain = wheel(tmp_path / "plain", "greeter", "0.1.0", GREETER)
    bare = tmp_path / plain.name
    with zipfile.ZipFile(plain) as archive, zipfile.ZipFile(bare, "w") as to:
        for item in archive.infolist():
            if "entry_points" not in item.filename:
                to.writestr(item, archive.read(item))
    with pytest.raises(UsageError, match="0 entry points"):
        await store.add(bare)
    with pytest.raises(UsageError, match="is not a plugin's name"):
        store.installed("../../etc")
    assert store.names() == []


async def test_dependencies_come_from_the_interpreter_or_the_cache_and_nothing_is_fetched(
    store: Store, tmp_path: Path
) -> None:
    def needs(*requires: str) -> Path:
        return wheel(tmp_path / "wheels", "greeter", "0.1.0", GREETER, requires=requires)

    for requirement, words in (
        ("pydantic<2", "is what Practicum runs with"),
        ("no-such-package-of-anybody>=1", "cannot be installed"),
        ("thing @ file:///tmp/thing", "not fetched from an address"),
    ):
        with pytest.raises(UsageError, match=words):
            await store.add(needs(requirement))
    assert store.versions("greeter") == []
    met = needs("pydantic>=2", 'tomli>=1; python_version < "3"', "pytest; extra == 'test'")
    installed, _ = await store.add(met)
    assert installed.manifest.dependencies == ()
    assert sorted(item.name for item in installed.site.iterdir()) == [
        "greeter_plugin-0.1.0.dist-info",
        "greeter_plugin.py",
    ]


async def test_nothing_of_a_wheel_is_executed_when_it_is_installed(store: Store, tmp_path: Path) -> None:
    built = wheel(tmp_path / "wheels", "greeter", "0.1.0", f"open({str(tmp_path / 'ran')!r}, 'w')")
    with zipfile.ZipFile(built, "a") as archive:
        archive.writestr("greeter.pth", f"import os; open({str(tmp_path / 'ran')!r}, 'w')\n")
        archive.writestr("sitecustomize.py", f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    await store.add(built)
    assert not (tmp_path / "ran").exists()
