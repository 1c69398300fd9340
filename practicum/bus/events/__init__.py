"""Every family of events, and the union of their data.

Adding a type is: a class in the family's file with `type="noun.past_participle"`, and its name in `EventData`. The
union is discriminated by the envelope's `type`, not by a field inside `data`, so that data stays as small on the wire
as it is in code; `practicum.bus.event.Event` does the look-up.
"""

from practicum.bus.events.agent import AgentFailed, AgentIdled, AgentJoined, AgentWoke
from practicum.bus.events.approval import ApprovalDecided, ApprovalRequested
from practicum.bus.events.base import DATA_TYPES, Data, Json
from practicum.bus.events.evaluation import EvaluationClass, EvaluationCompleted, JudgmentReached
from practicum.bus.events.exchange import ExchangeCompleted
from practicum.bus.events.fault import FaultInjected, LimitReached
from practicum.bus.events.job import JobFinished, JobStarted
from practicum.bus.events.lease import (
    LeaseDenied,
    LeaseExpired,
    LeaseGranted,
    LeaseRenewed,
    LeaseRequested,
    LeaseRevoked,
)
from practicum.bus.events.message import MessagePosted
from practicum.bus.events.model import ModelAnswered, ModelRequested, Usage
from practicum.bus.events.plugin import (
    PluginAdvanced,
    PluginInstalled,
    PluginRemoved,
    PluginRequested,
    PluginRestarted,
    PluginReverted,
)
from practicum.bus.events.run import (
    AgentSummary,
    EventDropped,
    InputGiven,
    Outcome,
    OutcomeDeclared,
    ProcessDied,
    ProcessStarted,
    RunFinished,
    RunInterrupted,
    RunResumed,
    RunStarted,
    StepTaken,
    WorkEnded,
)
from practicum.bus.events.step import ConversationTurned, MockCalled, StepEnd, StepFinished, StepStarted
from practicum.bus.events.timer import TimerFired, TimerSet
from practicum.bus.events.tool import Effect, ToolCalled, ToolReturned
from practicum.bus.events.world import WorldChanged

EventData = (
    AgentFailed
    | AgentIdled
    | AgentJoined
    | AgentWoke
    | ApprovalDecided
    | ApprovalRequested
    | ConversationTurned
    | EvaluationCompleted
    | EventDropped
    | ExchangeCompleted
    | FaultInjected
    | InputGiven
    | JobFinished
    | JobStarted
    | JudgmentReached
    | LeaseDenied
    | LeaseExpired
    | LeaseGranted
    | LeaseRenewed
    | LeaseRequested
    | LeaseRevoked
    | LimitReached
    | MessagePosted
    | MockCalled
    | ModelAnswered
    | ModelRequested
    | OutcomeDeclared
    | PluginAdvanced
    | PluginInstalled
    | PluginRemoved
    | PluginRequested
    | PluginRestarted
    | PluginReverted
    | ProcessDied
    | ProcessStarted
    | RunFinished
    | RunInterrupted
    | RunResumed
    | RunStarted
    | StepFinished
    | StepStarted
    | StepTaken
    | TimerFired
    | TimerSet
    | ToolCalled
    | ToolReturned
    | WorkEnded
    | WorldChanged
)

__all__ = [
    "DATA_TYPES",
    "AgentFailed",
    "AgentIdled",
    "AgentJoined",
    "AgentSummary",
    "AgentWoke",
    "ApprovalDecided",
    "ApprovalRequested",
    "ConversationTurned",
    "Data",
    "Effect",
    "EvaluationClass",
    "EvaluationCompleted",
    "EventData",
    "EventDropped",
    "ExchangeCompleted",
    "FaultInjected",
    "InputGiven",
    "JobFinished",
    "JobStarted",
    "Json",
    "JudgmentReached",
    "LeaseDenied",
    "LeaseExpired",
    "LeaseGranted",
    "LeaseRenewed",
    "LeaseRequested",
    "LeaseRevoked",
    "LimitReached",
    "MessagePosted",
    "MockCalled",
    "ModelAnswered",
    "ModelRequested",
    "Outcome",
    "OutcomeDeclared",
    "PluginAdvanced",
    "PluginInstalled",
    "PluginRemoved",
    "PluginRequested",
    "PluginRestarted",
    "PluginReverted",
    "ProcessDied",
    "ProcessStarted",
    "RunFinished",
    "RunInterrupted",
    "RunResumed",
    "RunStarted",
    "StepEnd",
    "StepFinished",
    "StepStarted",
    "StepTaken",
    "TimerFired",
    "TimerSet",
    "ToolCalled",
    "ToolReturned",
    "Usage",
    "WorkEnded",
    "WorldChanged",
]
