"""Which device can be reached, and for how long."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from foundation.problems import Invalid, NotAllowed
from notifications.models import PushRegistration
from recovery.actions import Call, perform
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.factories.people import NOW, make_user, sign_in

pytestmark = pytest.mark.django_db
TOKEN = {"kind": "token", "value": "a-registration-token", "platform": "android"}


def do(name: str, user: User, on: str | None, **data: Any) -> Any:
    session_id = uuid.UUID(on) if on else None
    return perform(name, data=data, call=Call(actor=user, now=NOW, session_id=session_id))


def reachable(user: User) -> int:
    set_actor(user.id)
    return PushRegistration.objects.filter(scope_id=user.id).count()


def test_a_device_is_reached_until_it_says_no_more() -> None:
    user = make_user()
    session = sign_in(user)["session"]
    do("people.register_push", user, session, **TOKEN)
    do("people.register_push", user, session, **TOKEN)
    assert reachable(user) == 1
    do("people.unregister_push", user, session)
    assert reachable(user) == 0


def test_a_device_is_reached_until_its_session_ends() -> None:
    user = make_user()
    phone, tablet = sign_in(user)["session"], sign_in(user)["session"]
    do("people.register_push", user, phone, **TOKEN)
    do("people.register_push", user, tablet, **TOKEN | {"value": "another-token"})
    do("people.report_phone_lost", user, tablet, session=phone)
    set_actor(user.id)
    left = PushRegistration.objects.filter(scope_id=user.id).get()
    assert str(left.session_id) == tablet


def test_without_a_session_nothing_is_registered() -> None:
    user = make_user()
    with pytest.raises(NotAllowed):
        do("people.register_push", user, None, **TOKEN)
    assert reachable(user) == 0


@pytest.mark.parametrize("value", ["", "short", "with a space", "é" * 20, "x" * 5000])
def test_what_cannot_be_a_token_is_refused(value: str) -> None:
    user = make_user()
    with pytest.raises(Invalid):
        do("people.register_push", user, sign_in(user)["session"], **TOKEN | {"value": value})
    assert reachable(user) == 0
