"""Concurrent uses of the same credential."""

from __future__ import annotations

import secrets
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from foundation.problems import CodeUnknown, NotSignedIn, Wipe
from recovery.actions.alone import alone
from recovery.feed.context import set_actor
from recovery.people.enrolment import enrol
from recovery.signin.actions.sign_in import ONE_SIGN_IN
from recovery.signin.authentication import by_access_token
from recovery.signin.models import DeviceSession, User
from recovery.signin.queries import unended_sessions
from recovery.signin.refresh import refresh
from tests.at_once import at_once, wait_for_a_lock
from tests.cast import ANA, NOW, act, invite_patient, make_fay, make_user, sign_in
from tests.signin.ceremony import App, mailed_code

pytestmark = pytest.mark.usefixtures("committed_db")
DEVICE = {"platform": "ios", "app": "1.0.0", "name": ""}


def test_one_of_many_phones_with_one_code_signs_in() -> None:
    fay, programme = make_fay()
    code = invite_patient(fay, programme.id).code or ""

    def sign_in_by_code() -> object:
        install = secrets.token_urlsafe(16)
        return enrol(code, ANA["date_of_birth"], install=install, device=DEVICE, now=NOW)

    answers = at_once(*[sign_in_by_code] * 12)
    assert sum(isinstance(answer, CodeUnknown) for answer in answers) == 11


def test_a_code_by_mail_sent_twice_at_once_counts_once() -> None:
    user = make_user("ana@example.org")
    app = App()
    app.post("auth/code/request", email="ana@example.org")
    with transaction.atomic():
        code = mailed_code(user.id)

    def confirm() -> int:
        phone = App()
        phone.ceremony = app.ceremony
        return phone.finish("auth/code/confirm", code=code).status_code

    assert sorted(at_once(*[confirm] * 8)) == [200] + [409] * 7


def test_one_install_that_signs_in_many_times_at_once_has_one_session() -> None:
    user = make_user()
    tokens = at_once(*[partial(sign_in, user, install="i" * 20)] * 8)
    assert len({each["session"] for each in tokens}) == 1
    with transaction.atomic():
        set_actor(user.id)
        assert DeviceSession.objects.in_scope(user.id).count() == 1


def enrol_again(user: User) -> None:
    try:
        act(user, "people.accept_invitation", by_email=False)
    finally:
        connection.close()


def test_who_enrols_again_locks_no_session_while_another_sign_in_goes_on() -> None:
    """Each would wait for the other."""
    user = make_user()
    sign_in(user)
    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            set_actor(user.id)
            alone(ONE_SIGN_IN, user.id)
            enrolling = thread.submit(enrol_again, user)
            wait_for_a_lock(enrolling)
            [session] = unended_sessions(user.id).select_for_update(no_key=True, nowait=True)
        enrolling.result()
    with transaction.atomic():
        set_actor(user.id)
        session.refresh_from_db()
        assert session.revoked_why == "recovered"


def ask(token: str) -> uuid.UUID:
    try:
        return by_access_token(token, NOW).id
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("change", "let_in"),
    [
        ({"revoked_at": NOW, "revoked_why": "lost", "wipe_requested_at": NOW}, False),
        ({"revoked_at": NOW, "revoked_why": "revoked"}, False),
        ({"access_hash": secrets.token_bytes(32)}, True),
    ],
)
def test_a_session_that_ends_while_its_request_waits_is_refused(
    change: dict[str, Any], let_in: bool
) -> None:
    """A refresh does not end the session, so a request with the old tokens still succeeds."""
    user = make_user()
    tokens = sign_in(user)
    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            set_actor(user.id)
            DeviceSession.objects.in_scope(user.id).filter(id=tokens["session"]).update(**change)
            asking = thread.submit(ask, tokens["access_token"])
            wait_for_a_lock(asking)
        if let_in:
            assert asking.result() == user.id
        else:
            with pytest.raises((NotSignedIn, Wipe)):
                asking.result()


def live_chains(answers: list[Any]) -> int:
    """How many of the answers are tokens that still work. It checks access tokens only, which ends
    no session."""
    alive = 0
    for answer in answers:
        if isinstance(answer, NotSignedIn):
            continue
        with suppress(NotSignedIn):
            by_access_token(answer["access_token"], NOW)
            alive += 1
    return alive


def redeem_twice(pairs: int) -> None:
    """Both requests of a pair may succeed (the second as a lost answer), but one chain lives."""
    user = make_user()
    for _ in range(pairs):
        token = sign_in(user)["refresh_token"]
        answers = at_once(*[partial(refresh, token, now=NOW)] * 2)
        assert live_chains(answers) == 1


def test_a_token_redeemed_twice_at_once_leaves_one_chain() -> None:
    redeem_twice(20)


@pytest.mark.soak
def test_500_tokens_redeemed_twice_at_once_leave_one_chain_each() -> None:
    redeem_twice(500)


def test_a_copy_and_the_current_token_at_once_end_the_session() -> None:
    """The holder refreshes at the same time as a copy of an old token is used."""
    for _ in range(10):
        old = sign_in(make_user())
        current = refresh(old["refresh_token"], now=NOW)
        by_access_token(current["access_token"], NOW)
        later = NOW + timedelta(minutes=1)
        tokens = old["refresh_token"], current["refresh_token"]
        answers = at_once(*[partial(refresh, token, now=later) for token in tokens])
        assert live_chains(answers) == 0
        with transaction.atomic():
            set_actor(uuid.UUID(old["user"]))
            row = DeviceSession.objects.filter(scope_id=old["user"]).get(id=old["session"])
            assert row.revoked_why == "reuse"
