"""What can be done to accounts, invitations and sessions."""

from recovery.people.actions import (  # noqa: F401  # registration
    enrolment,
    invitations,
    push,
    sessions,
    sign_in,
    staff,
)
