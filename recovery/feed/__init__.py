"""Who sees what, and how it reaches their phones. Knows no domain."""

from recovery.feed.conflicts import Policy
from recovery.feed.documents import document, publish, retract

__all__ = ["Policy", "document", "publish", "retract"]
