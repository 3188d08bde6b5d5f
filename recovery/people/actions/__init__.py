"""What can be done to accounts, invitations and sessions."""

from recovery.people.actions import sessions, sign_in  # noqa: F401  # registration
