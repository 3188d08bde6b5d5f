"""Everything that can be done with groups."""

from recovery.groups.actions import groups, joining, leaving, messages, rounds

__all__ = ["groups", "joining", "leaving", "messages", "rounds"]
