"""The limits on attempts to sign in and on signed-in requests.

Signed-in requests are limited per device (a signed-in install) and per account, never per
address: at a mobile carrier thousands of phones share one.
"""

from datetime import timedelta

from recovery.limits.limit import Limit, traffic

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# E-mails to one address: enough for a forgetful day, too few to flood a mailbox.
CODE_ADDRESS = Limit("code.address", 5, timedelta(minutes=15))
CODE_ADDRESS_DAY = Limit("code.address_day", 20, DAY)
CODE_NETWORK = Limit("code.network", 100, HOUR)
CODE_ALL = Limit("code.all", 10_000, HOUR)

# Attempts to finish a ceremony with a code, a passkey or a second factor.
PROOF_CEREMONY = Limit("proof.ceremony", 30, timedelta(minutes=15))
PROOF_ACCOUNT = Limit("proof.account", 10, timedelta(minutes=15))
PROOF_NETWORK = Limit("proof.network", 300, HOUR)

# A token of 256 bits cannot be guessed anyway. This limits the cost of noise.
REFRESH_FAILED = Limit("refresh.failed", 120, timedelta(minutes=10), without_valkey="open")
RECEIPT = Limit("wipe.receipt", 60, HOUR, without_valkey="open")
# Never counted in PostgreSQL: like the traffic of actions, it is counted inside a transaction,
# which a refusal rolls back.
STRANGER = Limit("stranger.network", 3_000, timedelta(minutes=10), without_valkey="open")
# The API's descriptions need no sign-in and are generated for each request.
DOCUMENT = Limit("document.network", 120, MINUTE, without_valkey="open")

# Staff screens and lists of the user's own things.
READS = traffic("reads", 300, 1_200, MINUTE)
# Ending a session must work while Valkey is away, with the same limit.
ACCOUNT = traffic("account", 120, 240, timedelta(minutes=15), without_valkey="postgres")

CODES = (CODE_ADDRESS, CODE_ADDRESS_DAY, CODE_NETWORK, CODE_ALL)
PROOFS = (PROOF_CEREMONY, PROOF_NETWORK)
