"""For tests of what talks to a model: a server on loopback that speaks both vendors' protocols, strictly.

It answers over real HTTP, to the official SDKs, and refuses what the vendors refuse. What it says is decided by a
policy, an async function from the conversation to an answer, so its turns follow from the results that it is sent:

    async def policy(conversation: Conversation) -> Reply:
        if not conversation.results:
            return Reply(calls=(Call("read_file", {"path": "brief.md"}),))
        return Reply(text=f"It says: {conversation.results[0].content}")

    async with ModelServer(policy) as server:
        client = anthropic.AsyncAnthropic(base_url=server.anthropic_url, api_key=server.api_key)

Longer behaviour reads better as a plan (`ScriptedPolicy`); any model of Practicum's, a script too, can stand behind
the server (`ModelPolicy`).
"""

from practicum.models.testing.conversation import Answer, Call, Conversation, Fault, Policy, Reply
from practicum.models.testing.plan import Plan, PlanFailedError, PlanTurn, ScriptedPolicy
from practicum.models.testing.policies import ModelPolicy
from practicum.models.testing.server import ModelServer, PolicyError, Seen

__all__ = [
    "Answer",
    "Call",
    "Conversation",
    "Fault",
    "ModelPolicy",
    "ModelServer",
    "Plan",
    "PlanFailedError",
    "PlanTurn",
    "Policy",
    "PolicyError",
    "Reply",
    "ScriptedPolicy",
    "Seen",
]
