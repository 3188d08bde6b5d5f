from __future__ import annotations

from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from foundation.sealing import Unsealable
from notifications import registrations
from notifications.models import PushRegistration
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.factories.devices import make_device
from tests.factories.people import NOW, make_user

pytestmark = pytest.mark.django_db


def values(user: User) -> list[str]:
    set_actor(user.id)
    rows = PushRegistration.objects.filter(scope_id=user.id)
    return sorted(map(registrations.value_of, rows))


def test_a_session_has_one_app() -> None:
    alice, session = make_user(), uuid7()
    for value in ("first", "second"):
        set_actor(alice.id)
        registrations.register(
            user_id=alice.id, session_id=session, kind="fid", value=value, platform="ios", now=NOW
        )
    assert values(alice) == ["second"]


def test_registering_again_brings_it_back_to_life() -> None:
    alice = make_user()
    make_device(alice, "device", now=NOW)
    PushRegistration.objects.filter(scope_id=alice.id).update(state="dead", reason="unregistered")
    make_device(alice, "device", now=NOW + timedelta(days=1))
    row = PushRegistration.objects.get(scope_id=alice.id)
    assert (row.state, row.reason, row.refreshed_at) == ("active", "", NOW + timedelta(days=1))


def test_a_phone_that_changed_hands_serves_its_new_owner_only() -> None:
    alice, bob = make_user(), make_user()
    make_device(alice, "shared phone")
    make_device(alice, "alice's tablet")
    make_device(bob, "shared phone")
    assert values(bob) == ["shared phone"]
    assert values(alice) == ["alice's tablet"]


def test_signing_out_forgets_that_session_only() -> None:
    alice = make_user()
    lost = make_device(alice, "lost")
    make_device(alice, "kept")
    registrations.forget(user_id=alice.id, session_id=lost.session_id)
    assert values(alice) == ["kept"]
    registrations.forget(user_id=alice.id)
    assert values(alice) == []


def test_the_token_is_sealed_in_its_row() -> None:
    alice = make_user()
    one, other = make_device(alice, "canary-device"), make_device(alice, "second-device")
    assert b"canary" not in bytes(one.sealed)
    one.sealed, other.sealed = other.sealed, one.sealed
    for row in (one, other):
        with pytest.raises(Unsealable):
            registrations.value_of(row)
