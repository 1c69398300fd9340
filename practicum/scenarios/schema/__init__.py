"""What a scenario file may say: one small file for each part of it."""

from __future__ import annotations

from practicum.scenarios.schema.conversation import Conversation, Termination, UserSimulator
from practicum.scenarios.schema.environment import ENVIRONMENTS, DatabaseSeed, Environment, Setup
from practicum.scenarios.schema.mocks import Mock, MockError, MockMetadata, When
from practicum.scenarios.schema.parts import Part, path_beside, text_of
from practicum.scenarios.schema.plugins import Plugin
from practicum.scenarios.schema.scenario import (
    GENERAL,
    ONLY_AGENT,
    Character,
    JudgeSettings,
    Judgment,
    Limits,
    Member,
    Scenario,
    Strategy,
)
from practicum.scenarios.schema.steps import Say, Step, StepKind
from practicum.scenarios.schema.world import SERVICES, Chat, Deploy, GitHub, Mode, Service, World

__all__ = [
    "ENVIRONMENTS",
    "GENERAL",
    "ONLY_AGENT",
    "SERVICES",
    "Character",
    "Chat",
    "Conversation",
    "DatabaseSeed",
    "Deploy",
    "Environment",
    "GitHub",
    "JudgeSettings",
    "Judgment",
    "Limits",
    "Member",
    "Mock",
    "MockError",
    "MockMetadata",
    "Mode",
    "Part",
    "Plugin",
    "Say",
    "Scenario",
    "Service",
    "Setup",
    "Step",
    "StepKind",
    "Strategy",
    "Termination",
    "UserSimulator",
    "When",
    "World",
    "path_beside",
    "text_of",
]
