"""How often somebody may try to sign in, and ask once they are signed in.

Signed-in requests are limited by device (a signed-in install) and by account, never by address:
thousands of phones share one at a mobile carrier.
"""

from datetime import timedelta

from recovery.limits.limit import Limit, traffic

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

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
# Counted, like the traffic of actions, inside a transaction that a refusal rolls back: never in
# PostgreSQL.
STRANGER = Limit("stranger.network", 3_000, timedelta(minutes=10), without_valkey="open")
# The descriptions of the API are made anew for whoever asks.
DOCUMENT = Limit("document.network", 120, MINUTE, without_valkey="open")

# Screens of staff, lists of one's own.
READS = traffic("reads", 300, 1_200, MINUTE)
# Ending a session must work while Valkey is away, and no oftener than otherwise.
ACCOUNT = traffic("account", 120, 240, timedelta(minutes=15), without_valkey="postgres")

CODES = (CODE_ADDRESS, CODE_ADDRESS_DAY, CODE_NETWORK, CODE_ALL)
PROOFS = (PROOF_CEREMONY, PROOF_NETWORK)
