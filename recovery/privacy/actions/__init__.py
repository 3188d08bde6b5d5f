"""Notices answered, consents given and taken back, and the words of both published."""

from recovery.privacy.actions import consents, notices, wordings

__all__ = ["consents", "notices", "wordings"]
