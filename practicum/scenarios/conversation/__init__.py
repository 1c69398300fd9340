"""Conversations: who plays the user, when it is over, and what is kept of it."""

from practicum.scenarios.conversation.log import ConversationLog
from practicum.scenarios.conversation.persona import PersonaUser
from practicum.scenarios.conversation.simulator import (
    ModelUser,
    ScriptedUser,
    Simulator,
    foreseen_words,
    simulator_for,
)
from practicum.scenarios.conversation.termination import Decision, Ended, check, judged_conditions

__all__ = [
    "ConversationLog",
    "Decision",
    "Ended",
    "ModelUser",
    "PersonaUser",
    "ScriptedUser",
    "Simulator",
    "check",
    "foreseen_words",
    "judged_conditions",
    "simulator_for",
]
