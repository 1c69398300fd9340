"""The product manager: turns the brief and a user's question into issues, and writes the user's documentation."""

from __future__ import annotations

from _oracle.plan import Plan
from _oracle.stages import CLONE, files
from _oracle.texts import CHOOSE, ISSUES, KEEP, SHORTEN
from _oracle.work import Member
from practicum.agents.filters import changed, facts, message, task_given
from practicum.agents.tools.discord import discord_post
from practicum.agents.tools.files import list_files, read_file, write_file
from practicum.agents.tools.git import git_branch, git_commit, git_push
from practicum.agents.tools.github import open_issue
from practicum.agents.tools.team import send_message
from practicum.models.script import Pending, Turn


async def manage(turn: Turn, plan: Plan) -> None:
    """The whole of the product manager's work."""
    member = Member(turn, plan)
    await turn.until(task_given())
    await turn.call(read_file, path="brief.md")
    first, second = await turn.gather(
        *(Pending(open_issue, {"title": title, "body": ISSUES[title]}) for title in (SHORTEN, KEEP))
    )
    ready = f"#{first.number} and #{second.number} are ready: what the brief asks for, as two pull requests can do it."
    await turn.gather(Pending(send_message, {"to": "all", "text": ready}), *member.slack(f"Good morning! {ready}"))
    await _answer(member)
    await turn.until(message(member.one("lead"), contains="features are in"))
    await _document(member)


async def _answer(member: Member) -> None:
    """A user's question that asks for something becomes an issue, and the user hears of it."""
    turn = member.turn
    event = await turn.until(changed("discord.message.posted", channel="questions", author_is_agent=False))
    question = facts(event)
    body = ISSUES[CHOOSE].format(question=question["text"])
    issue = await turn.call(open_issue, title=CHOOSE, body=body, labels=["enhancement"])
    text = (
        f"Good idea, {str(question['author']).capitalize()}! You will: it is #{issue.number} now and comes with the "
        "first release. You will write PUT /links/talk instead of POST /links."
    )
    answer: dict[str, object] = {"channel": "questions", "text": text}
    if member.plan.answers:
        answer["reply_to"] = question["id"]
    await turn.gather(
        Pending(discord_post, answer), *member.slack(f"A user wants to choose the code himself: #{issue.number}.")
    )


async def _document(member: Member) -> None:
    """Write down how the product is used, from what its code does."""
    turn, plan = member.turn, member.plan
    await member.clone()
    await turn.call(git_branch, path=CLONE, name="documentation")
    there = [path for path in await turn.call(list_files, path=f"{CLONE}/shortlink/features") if path.endswith(".py")]
    await turn.gather(*(Pending(read_file, {"path": path}) for path in there))
    content = files("documentation")
    if not plan.documents:
        content = {"docs/manual.md": content["docs/usage.md"]}
    await turn.gather(
        *(Pending(write_file, {"path": f"{CLONE}/{name}", "content": text}) for name, text in content.items())
    )
    await turn.call(git_commit, path=CLONE, message="Tell users how to use it")
    await turn.call(git_push, path=CLONE)
    body = "What a user can do, with examples that can be copied. Written from the features as they are on main."
    pull = await member.propose(
        "documentation", "Documentation for users", body, "The user's documentation is up: #{}."
    )
    if not plan.approves_the_head:
        await turn.until(changed("github.review.submitted", number=pull.number, state="approved"))
        await turn.call(
            write_file, path=f"{CLONE}/docs/faq.md", content="# Questions\n\nAsk us on Discord, in #questions.\n"
        )
        await turn.call(git_commit, path=CLONE, message="One more page")
        await turn.call(git_push, path=CLONE)
