"""An agent as you would write it anywhere. Nothing in it knows of Practicum: addresses and keys come from variables."""

import json
import os
import sys
import urllib.request
from pathlib import Path

from agents import Agent, Runner, function_tool, set_default_openai_api

set_default_openai_api("chat_completions")  # servers that are compatible with OpenAI's seldom know its newer API


@function_tool
def open_issue(title: str, body: str) -> str:
    """Open an issue in the product's repository."""
    request = urllib.request.Request(
        f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['REPO']}/issues",
        data=json.dumps({"title": title, "body": body}).encode(),
        headers={"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return f"issue {json.load(answer)['number']} is open"


@function_tool
def write_reply(text: str) -> str:
    """Write the reply that the customer gets."""
    Path("reply.txt").write_text(text, encoding="utf-8")
    return "written"


triager = Agent(
    name="triager",
    model=os.environ.get("OPENAI_MODEL"),
    instructions="You look after a product. Do what you are asked with your tools, then say what you did.",
    tools=[open_issue, write_reply],
)

if __name__ == "__main__":
    print(Runner.run_sync(triager, sys.stdin.read()).final_output)
