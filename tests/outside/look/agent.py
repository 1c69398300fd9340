"""A program that looks for whatever it should not find, asks what it may ask, and writes down what it got."""

import glob
import json
import os
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path


def attempt(what):
    try:
        return what()
    except OSError as error:
        return f"{type(error).__name__}: {error.strerror}"


def request(url, token, body=None):
    return answered(url, token, body)[0]


def answered(url, token, body=None):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    asked = urllib.request.Request(url, data=body and json.dumps(body).encode(), headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""
    except (OSError, ValueError) as error:
        return f"{type(error).__name__}", b""
    except Exception as error:  # not HTTP at all
        return f"no HTTP: {type(error).__name__}", b""


def ports(said):
    """Where the processes of this run listen, as the model says; at the ports of others nobody is to knock."""
    told = json.loads(json.loads(said)["choices"][0]["message"]["content"]) if said else []
    return sorted({*told, urllib.parse.urlsplit(os.environ["GITHUB_API_URL"]).port})


def processes():
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        found[path.name] = {
            "cmdline": attempt(lambda path=path: (path / "cmdline").read_bytes().decode(errors="replace")),
            "environ": attempt(lambda path=path: (path / "environ").read_bytes().decode(errors="replace")),
            "memory": attempt(lambda path=path: (path / "mem").open("rb").close()),
            "files": attempt(lambda path=path: sorted(str(link.readlink()) for link in (path / "fd").iterdir())),
        }
    return found


def look():
    env = os.environ
    ask = {"model": env["OPENAI_MODEL"], "messages": [{"role": "user", "content": "moin"}]}
    opened = {}
    for pattern in json.loads(env["TARGETS"]):
        for place in [pattern, *glob.glob(pattern, recursive=True, include_hidden=True)]:
            opened[place] = attempt(lambda place=place: len(Path(place).read_bytes()))
    url = f"{env['OPENAI_BASE_URL']}/chat/completions"
    model, said = answered(url, env["OPENAI_API_KEY"], ask)
    repo = "/repos/acme/clock"
    clone = ["git", "clone", "-q", "https://github.com/acme/clock.git", "clone"]
    return {
        "me": os.getpid(),
        "host": os.getppid(),
        "environment": dict(env),
        "keys": Path(__file__).with_name(".env").read_text(),
        "processes": processes(),
        "opened": opened,
        "model": model,
        "other model": request(url, env["OPENAI_API_KEY"], {**ask, "model": "gpt-4o-mini"}),
        "github": request(env["GITHUB_API_URL"] + repo, env["GITHUB_TOKEN"]),
        "github by the model's lease": request(env["GITHUB_API_URL"] + repo, env["OPENAI_API_KEY"]),
        "other repository": request(env["GITHUB_API_URL"] + "/repos/acme/other", env["GITHUB_TOKEN"]),
        "ports": {port: request(f"http://127.0.0.1:{port}/github{repo}", env["GITHUB_TOKEN"]) for port in ports(said)},
        "clone": subprocess.run(clone, capture_output=True, text=True, timeout=20).stderr,
        "cloned": attempt(lambda: Path("clone/README.md").read_text()),
    }


for line in sys.stdin:
    task = json.loads(line)
    if task["turn"] == 1:
        Path("seen.json").write_text(json.dumps(look()))
        answer = "looked"
    elif "wait" in task["text"]:
        subprocess.Popen(["sleep", "600"], start_new_session=True)
        Path("waiting").touch()
        input()
    elif "die" in task["text"]:
        sys.exit(f"I die, and my lease is {os.environ['GITHUB_TOKEN']}")
    else:
        answer = f"turn {task['turn']}"
    print(json.dumps({"type": "answer", "text": answer}), flush=True)
