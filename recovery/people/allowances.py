"""How often each thing about accounts may be tried, in one place."""

from __future__ import annotations

from datetime import timedelta

from recovery.people.limits import Limit

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# A code of 60 bits cannot be guessed; somebody who has one could guess the date of birth.
ENROLMENT_CODE = Limit("enrolment.code", 5, DAY)
ENROLMENT_NETWORK = Limit("enrolment.network", 600, HOUR)
ENROLMENT_ALL = Limit("enrolment.all", 2_000, HOUR)

# Letters to one address: enough for a forgetful day, too few to bury somebody's mail box.
CODE_ADDRESS = Limit("code.address", 5, timedelta(minutes=15))
CODE_ADDRESS_DAY = Limit("code.address_day", 20, DAY)
CODE_NETWORK = Limit("code.network", 100, HOUR)
CODE_ALL = Limit("code.all", 10_000, HOUR)

# Tries to finish a ceremony: with a code, a passkey or a second factor.
PROOF_CEREMONY = Limit("proof.ceremony", 30, timedelta(minutes=15))
PROOF_ACCOUNT = Limit("proof.account", 10, timedelta(minutes=15))
PROOF_NETWORK = Limit("proof.network", 300, HOUR)

# Tokens of 256 bits cannot be guessed either; this keeps noise from costing much.
REFRESH_FAILED = Limit("refresh.failed", 120, timedelta(minutes=10), without_valkey="open")
RECEIPT = Limit("wipe.receipt", 60, HOUR, without_valkey="open")
