"""Does what the brief asks for, with every service once."""

from practicum.agents.filters import changed, facts, issue_assigned, task_given, timer
from practicum.agents.tools.deploy import deploy, probe
from practicum.agents.tools.discord import discord_post
from practicum.agents.tools.files import read_file, write_file
from practicum.agents.tools.git import git_branch, git_clone, git_commit, git_push
from practicum.agents.tools.github import merge_pull_request, open_issue, open_pull_request, review_pull_request
from practicum.agents.tools.shell import run_command
from practicum.agents.tools.slack import slack_post
from practicum.agents.tools.team import finish, send_message, set_timer
from practicum.models.script import Turn, script

SERVER = '''"""Says that it ticks."""

import http.server
import os


class Clock(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ticking")


if __name__ == "__main__":
    http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Clock).serve_forever()
'''


@script("lead")
async def lead(turn: Turn) -> None:
    await turn.until(task_given())
    brief = await turn.call(read_file, path="brief.md")
    issue = await turn.call(open_issue, title="Serve the time", body=brief, assignees=["dev"])
    await turn.call(slack_post, channel="dev", text=f"issue #{issue.number} is for dev")
    opened = facts(await turn.until(changed("github.pull_request.opened")))
    await turn.call(review_pull_request, number=opened["number"], event="APPROVE", body="It ticks.")
    await turn.call(merge_pull_request, number=opened["number"])


@script("developer")
async def developer(turn: Turn) -> None:
    issue = facts(await turn.until(issue_assigned(to=turn.me)))
    await turn.call(git_clone, repo="acme/clock")
    await turn.call(git_branch, path="clock", name="serve")
    await turn.call(write_file, path="clock/server.py", content=SERVER)
    await turn.call(write_file, path="clock/Procfile", content="web: python3 server.py\n")
    await turn.call(write_file, path="clock/NOTES.md", content="It ticks.\n" * 600)  # large enough for a blob
    checked = await turn.call(run_command, command="python3 -m py_compile server.py && echo fine", cwd="clock")
    await turn.call(git_commit, path="clock", message="Serve the time", files=["server.py", "Procfile", "NOTES.md"])
    await turn.call(git_push, path="clock")
    body = f"Closes #{issue['number']}\n\nchecked: {checked.stdout.strip()}"
    await turn.call(open_pull_request, title="Serve the time", head="serve", body=body)
    await turn.call(send_message, to="ops", text="merged soon")


@script("devops")
async def devops(turn: Turn) -> None:
    await turn.until(changed("github.pull_request.merged"))
    await turn.call(git_clone, repo="acme/clock")
    made = await turn.call(deploy, path="clock", version="v1", ref="origin/main")
    waiting = await turn.call(set_timer, seconds=0.2, note="look again")
    await turn.until(timer(waiting.timer))
    answer = await turn.call(probe, path="/health")
    await turn.call(discord_post, channel="announcements", text=f"v1 is deployed ({made.state}), it says {answer.body}")
    await turn.call(finish, summary="the clock is deployed")
