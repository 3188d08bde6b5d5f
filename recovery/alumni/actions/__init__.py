"""Everything that can be done between two people, and by those who speak to all alumni."""

from recovery.alumni.actions import announcements, blocking, connecting, ending, messages

__all__ = ["announcements", "blocking", "connecting", "ending", "messages"]
