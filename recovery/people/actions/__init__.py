"""What can be done to accounts and invitations."""

from recovery.people.actions import enrolment, invitations, staff  # noqa: F401  # registration
