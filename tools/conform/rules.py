"""The rules that clients break, each with the section of docs/protocol.md that states it."""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    text: str
    section: str


class Broken(Exception):
    """The client broke `rule`; `seen` says how it showed."""

    def __init__(self, rule: Rule, seen: str) -> None:
        self.rule, self.seen = rule, seen
        super().__init__(f"{seen} ({rule.text})")


UNKNOWN = Rule("Ignore unknown fields, kinds, enum values and frames.", "Requests and answers")
NOT_JSON = Rule("An answer that no server of ours gave counts as no answer.", "Errors")
REFRESH = Rule("Refresh on 401 `token_expired`, one request at a time; keep the data.", "Refresh")
SIGN_IN = Rule(
    "The same install may repeat its enrolment for ten minutes.", "With a code from the clinic"
)
WIPE = Rule(
    "On 410 `wipe` delete data and keys, return the receipt, and send nothing else.",
    "Signing out, wiping, and another person",
)
FIRST_DAY = Rule("Acknowledge the notice, then join with a consent.", "The first day")
REGISTER = Rule(
    "With a new client id, ids begin again at 1, `ack` is empty and the outbox is renumbered.",
    "Register",
)
LEASE = Rule(
    "When the lease has run out, lock the data until a pull; by the server's time.", "Register"
)
PULL = Rule("Apply the whole page, and pull again while `has_more`.", "Pull")
ORDER = Rule("Outside a reset, `put` and `del` apply only if their seq is greater.", "Pull")
RESET = Rule("Inside a reset, `put` replaces and `del` deletes whatever the seq is.", "Pull")
PURGE = Rule("`purge`: delete the scope's entries at once.", "Pull")
SWEEP = Rule("`sweep`: keep old entries until the scope is complete, then delete the rest.", "Pull")
DROP = Rule("`drop` takes a scope away with its entries.", "Pull")
EPOCH = Rule("In a new epoch every position is void, and what was sent is queued again.", "Pull")
STALE = Rule("Discard a page whose cursor is not the stored one; settle the results.", "Pull")
FORKED = Rule("A copy has used the client id: register, renumber, push again.", "Pull")
UUID = Rule("`uuid` is the mutation's permanent name, however often it is sent.", "Push")
OUTBOX = Rule("What was queued is pushed in order until its result is stored.", "Push")
NOT_SENT = Rule("A rejected mutation stays in the “not sent” box until dismissed.", "Push")
SET_ASIDE = Rule("What is in the “not sent” box is not pushed again.", "Push")
TOO_LARGE = Rule(
    "After 413 halve the batch; a single mutation goes to the box, those behind it move up.", "Push"
)
URGENT = Rule("Push `urgent` first, with ids and `ack` of its own, and without `pull`.", "Push")
ACK = Rule("`ack` is the last mutation whose result is stored, no more and no less.", "Push")
STOPPED = Rule("After `stopped` send the rest again, after `retry_after_ms`.", "Push")
DROPPED_SCOPE = Rule("A mutation for a dropped scope is pushed like any other.", "Push")
RETRY_AFTER = Rule(
    "Wait as long as `Retry-After` or `retry_after_ms` says, and jitter.", "Retrying"
)
BACK_OFF = Rule(
    "The ceiling begins at 1 s and doubles; stop after eight tries without progress.", "Retrying"
)
FILES = Rule(
    "Send a file first, resume where it stopped, then the mutation.", "Pictures and recordings"
)
HISTORY = Rule("Send `next` back unchanged until it is null; store none of it.", "History")
BASE = Rule("`base` is the seq that the author had on the screen.", "When phones disagree")
PENDING = Rule("What is not confirmed yet stays on the screen, laid over the copy.", "Pull")
TOO_OLD = Rule(
    "After 426 show the update screen and push without `pull`.", "Apps of different ages"
)
FRAMES = Rule("A frame applies only at the cursor; otherwise hold it, then pull.", "Live")
HEADS = Rule("A head beyond the cursor, in `hello` or a heartbeat: pull.", "Live")
CLOSES = Rule("Each close code says when to connect again.", "Live")
DIGEST = Rule("A scope that differs from its digest is read again.", "Digest")
