"""Every write is a named action. Knows no domain; begin with perform.py."""

from foundation.problems import Refused
from recovery.actions.inputs import ActionInput, Ref
from recovery.actions.perform import perform
from recovery.actions.registry import SYSTEM, Answer, Call, action
from recovery.actions.rules import rule
from recovery.actions.self_reports import SelfReport

__all__ = [
    "SYSTEM",
    "ActionInput",
    "Answer",
    "Call",
    "Ref",
    "Refused",
    "SelfReport",
    "action",
    "perform",
    "rule",
]
