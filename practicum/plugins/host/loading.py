"""From a folder of installed packages to the `Plugin` object in it. This executes the plugin's code."""

from __future__ import annotations

from importlib.metadata import EntryPoint, distributions
from pathlib import Path

from practicum.api.plugin import ENTRY_POINTS, Plugin
from practicum.plugins.host.errors import PluginLoadError


def find_entry(site: Path, name: str, version: str) -> EntryPoint:
    """The entry point of the plugin `name` among the packages in `site`; reads metadata only.

    Raises:
        PluginLoadError: there is none, or there are several and none is called like the plugin.
    """
    points = [
        point
        for distribution in distributions(path=[str(site)])
        for point in distribution.entry_points
        if point.group == ENTRY_POINTS
    ]
    named = [point for point in points if point.name == name]
    if len(named) == 1:
        return named[0]
    if len(points) == 1:
        return points[0]
    there = ", ".join(sorted(point.name for point in points)) or "none"
    raise PluginLoadError(
        name, version, f"no single entry point {name!r} in the group {ENTRY_POINTS}: {there}",
        hint=f'[project.entry-points."{ENTRY_POINTS}"]  {name} = "MODULE:plugin"',
    )  # fmt: skip


def load(site: Path, name: str, version: str) -> Plugin:
    """Import the plugin. `site` must be on `sys.path`.

    Raises:
        PluginLoadError: it does not import, or what its entry point names is no `Plugin`, or another one.
    """
    entry = find_entry(site, name, version)
    try:
        found: object = entry.load()
    except (Exception, SystemExit) as error:  # the edge of the plugin's own code
        raise PluginLoadError(name, version, f"does not import: {type(error).__name__}: {error}") from error
    if not isinstance(found, Plugin):
        raise PluginLoadError(
            name, version, f"{entry.value} is {type(found).__name__}, not a Plugin",
            hint="from practicum.api.plugin import Plugin; plugin = Plugin(name=..., version=..., ...)",
        )  # fmt: skip
    if found.name != name:
        raise PluginLoadError(name, version, f"its Plugin is called {found.name!r}")
    if found.version != version:
        raise PluginLoadError(name, version, f"its Plugin says that it is version {found.version!r}")
    return found
