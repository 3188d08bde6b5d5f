from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.sealing import Unsealable
from notifications import registrations
from notifications.models import PushRegistration
from notifications.transports.subscriptions import Subscription
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import NOW, make_device, make_user

pytestmark = pytest.mark.django_db
PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"


def values(user: User) -> list[str]:
    set_actor(user.id)
    rows = PushRegistration.objects.filter(scope_id=user.id)
    return sorted(map(registrations.value_of, rows))


def test_a_session_has_one_app() -> None:
    ana, session = make_user(), uuid7()
    for value in ("first", "second"):
        set_actor(ana.id)
        registrations.register(
            user_id=ana.id, session_id=session, kind="fid", value=value, platform="ios", now=NOW
        )
    assert values(ana) == ["second"]


def test_registering_again_reactivates_a_registration() -> None:
    ana = make_user()
    make_device(ana, "device", now=NOW)
    PushRegistration.objects.filter(scope_id=ana.id).update(state="dead", reason="unregistered")
    make_device(ana, "device", now=NOW + timedelta(days=1))
    row = PushRegistration.objects.get(scope_id=ana.id)
    assert (row.state, row.reason, row.refreshed_at) == ("active", "", NOW + timedelta(days=1))


def test_a_phone_that_changed_hands_serves_its_new_owner_only() -> None:
    ana, ben = make_user(), make_user()
    make_device(ana, "shared phone")
    make_device(ana, "ana's tablet")
    make_device(ben, "shared phone")
    assert values(ben) == ["shared phone"]
    assert values(ana) == ["ana's tablet"]


def test_a_phone_that_changes_hands_after_the_key_was_changed_has_one_owner(settings: Any) -> None:
    ana, ben = make_user(), make_user()
    settings.SEALING_KEY = "old"
    make_device(ana, "shared phone")
    settings.SEALING_KEY = "new, old"
    make_device(ben, "shared phone")
    assert (values(ana), values(ben)) == ([], ["shared phone"])
    make_device(ben, "shared phone")
    assert values(ben) == ["shared phone"]


def test_signing_out_deletes_that_sessions_registration_only() -> None:
    ana = make_user()
    lost = make_device(ana, "lost")
    make_device(ana, "kept")
    registrations.forget(user_id=ana.id, session_id=lost.session_id)
    assert values(ana) == ["kept"]
    registrations.forget(user_id=ana.id)
    assert values(ana) == []


def test_the_token_is_sealed_in_its_row() -> None:
    ana = make_user()
    one, other = make_device(ana, "canary-device"), make_device(ana, "second-device")
    assert b"canary" not in bytes(one.sealed)
    one.sealed, other.sealed = other.sealed, one.sealed
    for row in (one, other):
        with pytest.raises(Unsealable):
            registrations.value_of(row)


def test_a_browser_is_sealed_again_after_its_service_has_left_the_list(settings: Any) -> None:
    settings.SEALING_KEY, settings.FCM_ENDPOINT = "old", "http://127.0.0.1:8002"
    browser = Subscription("http://127.0.0.1:8002/webpush/web-1", PUBLIC, SECRET)
    row = make_device(make_user(), browser.text(), kind="web", platform="web")
    settings.SEALING_KEY, settings.FCM_ENDPOINT = "new, old", "https://fcm.googleapis.com"
    assert registrations.SEALED.changes(row).keys() == {"sealed", "fingerprint"}


def test_a_browser_that_changes_hands_after_the_key_was_changed_has_one_owner(
    settings: Any,
) -> None:
    """Whether its registration was sealed again in between or not."""
    ana, ben = make_user(), make_user()
    browser = Subscription("https://web.push.apple.com/x", PUBLIC, SECRET)
    renewed = Subscription(browser.endpoint, PUBLIC, "AAAAAAAAAAAAAAAAAAAAAA")
    settings.SEALING_KEY = "old"
    row = make_device(ana, browser.text(), kind="web", platform="web")
    settings.SEALING_KEY = "new, old"
    row.sealed, row.fingerprint = registrations.SEALED.changes(row).values()
    row.save()
    settings.SEALING_KEY = "new"
    make_device(ben, renewed.text(), kind="web", platform="web")
    assert (values(ana), values(ben)) == ([], [renewed.text()])
