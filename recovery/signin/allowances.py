"""The limits on attempts to sign in and on signed-in requests.

Signed-in requests are limited per device (a signed-in install) and per account, never per
address: at a mobile carrier thousands of phones share one.

What these limits leave to someone who guesses is computed in docs/limits.md.
"""

from datetime import timedelta

from recovery.limits.limit import Alarm, Limit, traffic

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUARTER = timedelta(minutes=15)

# Requests for a code to one address, from one network: enough for a forgetful day. A request that
# ends in a sign-in is given back.
CODE_ADDRESS = Limit("code.address", 5, QUARTER, "network")
CODE_ADDRESS_DAY = Limit("code.address_day", 20, DAY, "network")
# The same once many networks ask for codes to one address: it lets everyone have a code, and
# spares the mailbox.
CODE_ADDRESS_BUSY = Limit("code.address_busy", 1, QUARTER, "network")
CODE_NETWORK = Limit("code.network", 100, HOUR, "network")
# From a phone that has signed in to this account before. Strangers cannot use this up.
CODE_INSTALL = Limit("code.install", 10, QUARTER, "owner")
CODES_TO_ONE = Alarm("code.to_one_address", 30, HOUR)
CODES_TO_ALL = Alarm("code.to_all", 10_000, HOUR)

# Attempts to finish a ceremony with a code, a passkey or a second factor. The token of a ceremony
# has 160 random bits; allauth accepts five wrong codes for each.
PROOF_CEREMONY = Limit("proof.ceremony", 30, QUARTER, "holder")
# Ceremonies begun with a passkey in mind. Each is a row for fifteen minutes.
PROOF_BEGUN = Limit("proof.begun", 1_000, HOUR, "network")
# Failures. Only failed requests are ever answered with this limit.
PROOF_FAILED = Limit("proof.failed", 300, HOUR, "network")
PROOFS_FAILED = Alarm("proof.failed_anywhere", 3_000, HOUR)
# Wrong second factors, which only someone who has the first one can try.
FACTOR_NETWORK = Limit("factor.network", 10, QUARTER, "network")
FACTOR_ACCOUNT = Limit("factor.account", 30, DAY, "holder")
# From a phone that has signed in to this account before.
FACTOR_INSTALL = Limit("factor.install", 10, QUARTER, "owner")
FACTOR_INSTALL_DAY = Limit("factor.install_day", 30, DAY, "owner")

# Only failures count in the next three. A token of 256 bits cannot be guessed anyway; this limits
# the cost of noise.
REFRESH_FAILED = Limit("refresh.failed", 120, timedelta(minutes=10), "network", "open")
RECEIPT_FAILED = Limit("wipe.receipt", 60, HOUR, "network", "open")
# Never counted in PostgreSQL: like the traffic of actions, it is counted inside a transaction,
# which a refusal rolls back.
STRANGER = Limit("stranger.network", 3_000, timedelta(minutes=10), "network", "open")
# The API's descriptions need no sign-in.
DOCUMENT = Limit("document.network", 120, MINUTE, "network", "open")

# Staff screens and lists of the user's own things.
READS = traffic("reads", 300, 1_200, MINUTE)
# Ending a session must work while Valkey is away, with the same limit.
ACCOUNT = traffic("account", 120, 240, QUARTER, without_valkey="postgres")

CODES = (CODE_ADDRESS, CODE_ADDRESS_DAY, CODE_ADDRESS_BUSY, CODE_NETWORK, CODE_INSTALL)
FACTORS = (FACTOR_NETWORK, FACTOR_ACCOUNT, FACTOR_INSTALL, FACTOR_INSTALL_DAY)
PROOFS = (PROOF_CEREMONY, PROOF_BEGUN, PROOF_FAILED, *FACTORS)
