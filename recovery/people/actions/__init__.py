"""Actions of accounts, invitations and staff."""

from recovery.people.actions import corrections, enrolment, invitations, staff  # noqa: F401  # registration
