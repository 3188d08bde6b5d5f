"""Which devices can receive pushes, and for how long."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from foundation.problems import Invalid, NotAllowed
from notifications import registrations
from notifications.models import BrowserKey, PushRegistration
from notifications.transports.subscriptions import Subscription
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import FakePhone, act, make_user, sign_in
from tests.roles import set_scene

pytestmark = pytest.mark.django_db
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
KEYS = {"p256dh": P256DH, "auth": "BTBZMqHH6r4Tts7J_aSIgg"}
ENDPOINT = "https://web.push.apple.com/QGaLa-x"
SUBSCRIPTION = {"endpoint": ENDPOINT, "expirationTime": None, "keys": KEYS}
BROWSER: dict[str, Any] = {"kind": "web", "platform": "web", "subscription": SUBSCRIPTION}
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


def registered(user: User) -> PushRegistration:
    set_actor(user.id)
    row: PushRegistration = PushRegistration.objects.get(scope_id=user.id)
    return row


def test_a_browser_is_registered_as_it_subscribed() -> None:
    user = make_user()
    on(sign_in(user)["session"], user, "people.register_push", **BROWSER)
    row = registered(user)
    assert (row.kind, row.platform, row.locale) == ("web", "web", "en")
    assert Subscription.parse(registrations.value_of(row)) == Subscription(ENDPOINT, **KEYS)
    for secret in (ENDPOINT, *KEYS.values()):
        assert secret.encode() not in bytes(row.sealed)


@pytest.mark.parametrize(
    ("account", "language", "locale"), [("es", None, "es"), ("en", "es", "es"), ("es", "en", "en")]
)
def test_a_browser_shows_pushes_in_the_language_of_the_app(
    account: str, language: str | None, locale: str
) -> None:
    user = make_user()
    user.locale = account
    chosen = {"language": language} if language else {}
    on(sign_in(user)["session"], user, "people.register_push", **BROWSER, **chosen)
    assert registered(user).locale == locale


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"endpoint": "https://10.0.0.1/x"}, "endpoint"),
        ({"endpoint": "http://127.0.0.1:8002/webpush/web-1"}, "endpoint"),
        ({"endpoint": ENDPOINT.replace("https", "http")}, "endpoint"),
        ({"endpoint": ENDPOINT.replace(".com/", ".com:8443/")}, "endpoint"),
        ({"endpoint": ENDPOINT.replace("//", "//ana@")}, "endpoint"),
        ({"endpoint": f"{ENDPOINT}{'x' * 2048}"}, "endpoint"),
        ({"keys": KEYS | {"p256dh": P256DH[:-3] + "AAA"}}, "p256dh"),
        ({"keys": KEYS | {"auth": "AAAA"}}, "auth"),
        ({"keys": {"p256dh": P256DH}}, "auth"),
        ({"keys": None}, "keys"),
        ({"more": 1}, "more"),
    ],
)
def test_a_subscription_that_leads_elsewhere_is_refused(change: dict[str, Any], field: str) -> None:
    user = make_user()
    session = sign_in(user)["session"]
    on(session, user, "people.register_push", **TOKEN)
    data = BROWSER | {"subscription": SUBSCRIPTION | change}
    with pytest.raises(Invalid) as refusal:
        on(session, user, "people.register_push", **data)
    assert field in str(refusal.value.errors["subscription"])
    assert registrations.value_of(registered(user)) == TOKEN["value"]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"kind": "web", "platform": "web"}, "subscription"),
        (BROWSER | {"platform": "ios"}, "platform"),
        (BROWSER | {"value": "a-registration-token"}, "value"),
        (BROWSER | {"language": "tlh"}, "language"),
        (BROWSER | {"kind": "token"}, "value"),
        (TOKEN | {"subscription": SUBSCRIPTION}, "subscription"),
        ({"kind": "fid", "platform": "ios"}, "value"),
    ],
)
def test_each_kind_has_its_own_address(data: dict[str, Any], field: str) -> None:
    user = make_user()
    with pytest.raises(Invalid) as refusal:
        on(sign_in(user)["session"], user, "people.register_push", **data)
    assert list(refusal.value.errors) == [field]
    assert reachable(user) == 0


@pytest.mark.parametrize("signed_in", [True, False])
def test_the_key_to_subscribe_with_is_for_those_who_are_signed_in(signed_in: bool) -> None:
    phone = FakePhone(make_user())
    if not signed_in:
        assert phone.get("push", signed_in=False).status_code == 401
        return
    assert phone.get("push").json() == {"browser_key": None}
    with set_scene():
        BrowserKey.objects.create(public="BElY")
    assert phone.get("push").json() == {"browser_key": "BElY"}
