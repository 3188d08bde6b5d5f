"""Actions of accounts, invitations, addresses and staff."""

from recovery.people.actions import (  # noqa: F401  # registration
    account_recovery,
    addresses,
    corrections,
    enrolment,
    staff,
)
