"""Actions of the privacy notice and of consents."""

from recovery.privacy.actions import consents, notices, wordings

__all__ = ["consents", "notices", "wordings"]
