"""Actions between two people, and announcements to all alumni."""

from recovery.alumni.actions import announcements, blocking, connecting, ending, messages

__all__ = ["announcements", "blocking", "connecting", "ending", "messages"]
