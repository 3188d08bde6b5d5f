"""Exchange a refresh token for the next pair, in one transaction that locks the session's row.

This is not an action: only the token identifies the caller, its response must never be stored in
a receipt, and every phone does it four times an hour. Ending a session for token reuse is one.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from foundation.problems import NotSignedIn, Problem, ProofRequired, Wipe
from recovery.actions import Call, perform
from recovery.feed.context import actor_is
from recovery.signin import proofs, rules
from recovery.signin.issuing import set_tokens, token_response
from recovery.signin.models import DeviceSession, User
from recovery.signin.proofs import Proof
from recovery.signin.rotation import Verdict, judge
from recovery.signin.tokens import RefreshToken, new_access_token, parse_refresh_token, sha256
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


def refresh(text: str, *, now: datetime, proof: Proof | None = None) -> dict[str, str]:
    """The next tokens of this session. Raises NotSignedIn, ProofRequired or Wipe.

    After a lost response the phone may retry with the same token. A token that was replaced
    before ends the session, because someone has a copy.
    """
    token = parse_refresh_token(text)
    if token is None:
        raise NotSignedIn
    with transaction.atomic():
        answer = _exchange(token, proof, now)
    if isinstance(answer, Problem):
        raise answer
    return answer


def _exchange(token: RefreshToken, proof: Proof | None, now: datetime) -> dict[str, str] | Problem:
    """The tokens, or a problem to raise after the transaction has committed."""
    session = next(iter(DeviceSession.objects.raw(TAKE, [sha256(token.family)])), None)
    if session is None:
        return NotSignedIn()
    actor_is(session.scope_id)
    proved = proofs.is_valid(proof, session, sha256(str(token)), now)
    if proof and proved:
        proofs.record_nonce(proof, session, now)
    verdict = judge(session, sha256(token.secret), proved=proved, now=now)
    if verdict is Verdict.ROTATE:
        session.previous_hash, session.generation = session.current_hash, session.generation + 1
        # Not for REPLACE, so that repeated retries do not extend the time for them.
        session.rotated_at = now
    elif verdict is not Verdict.REPLACE:
        return _refusal(verdict, session, now)
    access, successor = new_access_token(), token.successor()
    set_tokens(session, access, successor, now)
    session.last_seen = rules.to_five_minutes(now)
    session.idle_expires_at = now + session.idle_for
    session.save(update_fields=ROTATED)
    return token_response(session, access, successor)


def _refusal(verdict: Verdict, session: DeviceSession, now: datetime) -> Problem:
    """The problem to raise. A reused token also ends its session."""
    if verdict is Verdict.WIPE:
        return Wipe(wipe_receipt(session.id, session.scope_id))
    if verdict is Verdict.PROOF:
        return ProofRequired()
    if verdict is Verdict.REUSE:
        call = Call(actor=User(id=session.scope_id), now=now)
        perform("people.end_reused_session", data={"session": str(session.id)}, call=call)
    return NotSignedIn()
