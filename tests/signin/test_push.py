"""Which devices can receive pushes, and for how long."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from foundation.problems import Invalid, NotAllowed
from notifications.models import PushRegistration
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import act, make_user, sign_in

pytestmark = pytest.mark.django_db
TOKEN = {"kind": "token", "value": "a-registration-token", "platform": "android"}


def on(device: str | None, user: User, action: str, **data: Any) -> None:
    """Run the action on the device of these tokens, or on one without a session."""
    act(user, action, session_id=uuid.UUID(device) if device else None, **data)


def reachable(user: User) -> int:
    set_actor(user.id)
    return PushRegistration.objects.filter(scope_id=user.id).count()


def test_a_device_is_reachable_until_it_unregisters() -> None:
    user = make_user()
    session = sign_in(user)["session"]
    on(session, user, "people.register_push", **TOKEN)
    on(session, user, "people.register_push", **TOKEN)
    assert reachable(user) == 1
    on(session, user, "people.unregister_push")
    assert reachable(user) == 0


def test_a_device_is_reachable_until_its_session_ends() -> None:
    user = make_user()
    phone, tablet = sign_in(user)["session"], sign_in(user)["session"]
    on(phone, user, "people.register_push", **TOKEN)
    on(tablet, user, "people.register_push", **TOKEN | {"value": "another-token"})
    act(user, "people.report_phone_lost", session_id=uuid.UUID(tablet), session=phone)
    set_actor(user.id)
    left = PushRegistration.objects.filter(scope_id=user.id).get()
    assert str(left.session_id) == tablet


def test_without_a_session_nothing_is_registered() -> None:
    user = make_user()
    with pytest.raises(NotAllowed):
        on(None, user, "people.register_push", **TOKEN)
    assert reachable(user) == 0


@pytest.mark.parametrize("value", ["", "short", "with a space", "é" * 20, "x" * 5000])
def test_an_invalid_token_is_refused(value: str) -> None:
    user = make_user()
    with pytest.raises(Invalid):
        on(sign_in(user)["session"], user, "people.register_push", **TOKEN | {"value": value})
    assert reachable(user) == 0
