"""Answers in place of services: which mock answers a call, with what, and the log of it."""

from __future__ import annotations

from practicum.scenarios.mocks.book import MockBook
from practicum.scenarios.mocks.call import Answered, MockAnswer, MockCall
from practicum.scenarios.mocks.checking import check_mocks, notes

__all__ = ["Answered", "MockAnswer", "MockBook", "MockCall", "check_mocks", "notes"]
