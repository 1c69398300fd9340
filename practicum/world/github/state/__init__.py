"""What the simulated GitHub remembers: plain dataclasses, one small file each."""

from practicum.world.github.state.account import Account
from practicum.world.github.state.activity import Activity
from practicum.world.github.state.checks import Artifact, CheckRun, CheckSuite, Job, Status, Workflow, WorkflowRun
from practicum.world.github.state.hook import Delivery, Hook
from practicum.world.github.state.issue import Comment, Issue, IssueEvent, Label, Milestone, Reaction
from practicum.world.github.state.pull import Pull, Review, ReviewComment
from practicum.world.github.state.release import Asset, Release
from practicum.world.github.state.repository import Protection, Repository
from practicum.world.github.state.store import Store

__all__ = [
    "Account",
    "Activity",
    "Artifact",
    "Asset",
    "CheckRun",
    "CheckSuite",
    "Comment",
    "Delivery",
    "Hook",
    "Issue",
    "IssueEvent",
    "Job",
    "Label",
    "Milestone",
    "Protection",
    "Pull",
    "Reaction",
    "Release",
    "Repository",
    "Review",
    "ReviewComment",
    "Status",
    "Store",
    "Workflow",
    "WorkflowRun",
]
