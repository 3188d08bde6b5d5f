"""Actions of peer groups."""

from recovery.groups.actions import groups, joining, leading, leaving, messages, rounds

__all__ = ["groups", "joining", "leading", "leaving", "messages", "rounds"]
