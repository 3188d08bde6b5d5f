"""Exchanging a refresh token for the next pair, in one transaction under the session's lock.

Not an action: who asks is known only by the token itself, the answer must never be stored for
a retry, and it happens four times an hour on every phone. Ending a session for reuse is one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from foundation.problems import NotSignedIn, Problem, ProofRequired, Wipe
from recovery.actions import Call, perform
from recovery.feed.context import actor_is
from recovery.signin import proofs, rules
from recovery.signin.grants import give, told
from recovery.signin.models import DeviceSession, User
from recovery.signin.proofs import Proof
from recovery.signin.rotation import Verdict, judge
from recovery.signin.tokens import RefreshToken, digest, new_access_token, parse_refresh_token
from recovery.signin.wipe_receipts import wipe_receipt

TAKE = "SELECT * FROM take_session_by_family(%s)"
ROTATED = [
    "access_hash",
    "access_expires_at",
    "current_hash",
    "previous_hash",
    "generation",
    "rotated_at",
    "arrived",
    "proof_nonces",
    "last_seen",
    "idle_expires_at",
]


def refresh(given: str, *, now: datetime, proof: Proof | None = None) -> dict[str, str]:
    """The next tokens of this session. Raises NotSignedIn, ProofRequired or Wipe.

    An answer that was lost may be asked for again; a token that was replaced ends the session.
    """
    token = parse_refresh_token(given)
    if token is None:
        raise NotSignedIn
    with transaction.atomic():
        answer = _exchange(token, proof, now)
    if isinstance(answer, Problem):
        raise answer
    return answer


def _exchange(token: RefreshToken, proof: Proof | None, now: datetime) -> dict[str, str] | Problem:
    """Tokens, or the problem to raise once this transaction has committed."""
    session = next(iter(DeviceSession.objects.raw(TAKE, [digest(token.family)])), None)
    if session is None:
        return NotSignedIn()
    actor_is(session.scope_id)
    presented = digest(token.secret)
    proved = proofs.holds(proof, session, digest(str(token)), now)
    if proof and proved:
        proofs.remember(proof, session, now)
    return ANSWERS[judge(session, presented, proved=proved, now=now)](session, token, now)


def _rotate(session: DeviceSession, token: RefreshToken, now: datetime) -> dict[str, str]:
    session.previous_hash, session.generation = session.current_hash, session.generation + 1
    session.rotated_at = now
    return _replace(session, token, now)


def _replace(session: DeviceSession, token: RefreshToken, now: datetime) -> dict[str, str]:
    """The first rotation's time stays, so that asking again and again buys no more time."""
    access, successor = new_access_token(), token.successor()
    give(session, access, successor, now)
    session.last_seen = rules.five_minutes(now)
    session.idle_expires_at = now + session.idle_for
    session.save(update_fields=ROTATED)
    return told(session, access, successor)


def _reused(session: DeviceSession, token: RefreshToken, now: datetime) -> Problem:
    call = Call(actor=User(id=session.scope_id), now=now)
    perform("people.end_reused_session", data={"session": str(session.id)}, call=call)
    return NotSignedIn()


def _wipe(session: DeviceSession, token: RefreshToken, now: datetime) -> Problem:
    return Wipe(wipe_receipt(session.id, session.scope_id))


Answer = Callable[[DeviceSession, RefreshToken, datetime], dict[str, str] | Problem]
ANSWERS: dict[Verdict, Answer] = {
    Verdict.ROTATE: _rotate,
    Verdict.REPLACE: _replace,
    Verdict.REUSE: _reused,
    Verdict.PROOF: lambda *_: ProofRequired(),
    Verdict.ENDED: lambda *_: NotSignedIn(),
    Verdict.WIPE: _wipe,
}
