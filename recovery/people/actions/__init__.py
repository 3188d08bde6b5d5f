"""Actions of accounts, invitations and staff."""

from recovery.people.actions import enrolment, invitations, staff  # noqa: F401  # registration
