# Appended to a copy of a team file: what the process of an agent sees when it looks around. The test judges it.


def _look_around():
    import glob
    import os
    from pathlib import Path

    def attempt(what):
        try:
            return what()
        except OSError as error:
            return f"{type(error).__name__}: {error.strerror}"

    targets = Path(__file__).with_name("targets.txt").read_text().splitlines()
    processes = {}
    for path in Path("/proc").glob("[0-9]*"):
        processes[path.name] = {
            "cmdline": attempt(lambda path=path: (path / "cmdline").read_bytes().decode(errors="replace")),
            "environ": attempt(lambda path=path: (path / "environ").read_bytes().decode(errors="replace")),
            "fds": attempt(lambda path=path: sorted(str(link.readlink()) for link in (path / "fd").iterdir())),
        }
    opened = {}
    for pattern in targets:
        for place in [pattern, *glob.glob(pattern, recursive=True, include_hidden=True)]:
            opened[place] = attempt(lambda place=place: len(Path(place).read_bytes()))
    return {"me": os.getpid(), "processes": processes, "opened": opened, "environment": dict(os.environ)}
