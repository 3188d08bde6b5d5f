"""Where a subscription may lead: to the push services of browser makers, and nowhere else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.transports.subscriptions import HOSTS, NotAllowed, Subscription, origin_of

KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SIMULATOR = "http://127.0.0.1:8002"
REAL = {
    "https://fcm.googleapis.com/fcm/send/c1:APA91bH-x_y": "https://fcm.googleapis.com",
    "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk_-=": (
        "https://updates.push.services.mozilla.com"
    ),
    "https://web.push.apple.com/QGaLa_-x": "https://web.push.apple.com",
    "https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%2fx%3d": (
        "https://wns2-par02p.notify.windows.com"
    ),
}
ELSEWHERE = [
    "",
    "fcm.googleapis.com",
    "https://fcm.googleapis.com",  # no path: nothing there to push to
    "http://fcm.googleapis.com/x",
    "HTTPS://fcm.googleapis.com/x",
    "https://FCM.googleapis.com/x",
    "https://fcm.googleapis.com:443/x",
    "https://fcm.googleapis.com:8443/x",
    "https://fcm.googleapis.com./x",
    "https://ana@fcm.googleapis.com/x",
    "https://ana:pw@fcm.googleapis.com/x",
    "https://fcm.googleapis.com@10.0.0.1/x",
    "https://fcm.googleapis.com\\@10.0.0.1/x",
    "https://fcm.googleapis.com#@10.0.0.1/x",
    "https://10.0.0.1#fcm.googleapis.com/x",
    "https://10.0.0.1?fcm.googleapis.com/x",
    "https://10.0.0.1/fcm.googleapis.com/x",
    "https://10.0.0.1/x",
    "https://[::1]/x",
    "https://2130706433/x",
    "https://localhost/x",
    "https://169.254.169.254/latest/meta-data",
    "https://evilfcm.googleapis.com/x",
    "https://fcm.googleapis.com.evil.example/x",
    "https://push.apple.com/x",
    "https://.push.apple.com/x",
    "https://evilpush.apple.com/x",
    "https://a.push.apple.com.evil.example/x",
    "https://notify.windows.com/x",
    "https://fcm.googleapis.com/a b",
    "https://fcm.googleapis.com/a\r\nHost: evil.example",
    "https://fcm.googleapis.com/x\n",
    "https://fcm.googleapis.com/é",
    "https://\uff46cm.googleapis.com/x",
    "https://fcm.googleapis.com/" + "x" * 2048,
    "file:///etc/passwd",
    "ws://fcm.googleapis.com/x",
]
OF_SIMULATOR = [f"{SIMULATOR}/webpush/web-Az_09", "http://127.0.0.1:9/webpush/web-1"]


@pytest.mark.parametrize("endpoint", REAL)
def test_the_services_of_browser_makers_are_allowed(endpoint: str) -> None:
    assert origin_of(endpoint) == REAL[endpoint]
    assert Subscription.parse(Subscription(endpoint, KEY, AUTH).text()).endpoint == endpoint


@pytest.mark.parametrize("endpoint", [*ELSEWHERE, *OF_SIMULATOR])
def test_everything_else_is_refused(endpoint: str) -> None:
    with pytest.raises(NotAllowed, match="not the address of a push service") as refusal:
        Subscription(endpoint, KEY, AUTH)
    assert refusal.value.part == "endpoint"


def test_the_simulator_is_allowed_where_it_is_in_use(settings: Any) -> None:
    settings.FCM_ENDPOINT = SIMULATOR
    allowed, other_port = OF_SIMULATOR
    assert origin_of(allowed) == SIMULATOR
    others = [f"{SIMULATOR}/simulator/answers", f"{SIMULATOR}/webpush/../token", SIMULATOR]
    for endpoint in (other_port, *others, "http://127.0.0.1:8002@evil.example/webpush/x"):
        with pytest.raises(NotAllowed):
            origin_of(endpoint)


@pytest.mark.parametrize("endpoint", ["https://10.0.0.1", "http://10.0.0.1:8002", ""])
def test_only_a_simulator_on_this_machine_is_allowed(settings: Any, endpoint: str) -> None:
    settings.FCM_ENDPOINT = endpoint
    with pytest.raises(NotAllowed):
        origin_of(f"{endpoint}/webpush/web-1")


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_allowed_leads_to_a_known_host(before: str, after: str) -> None:
    """In the words of another parser than ours."""
    for host in HOSTS:
        for endpoint in (f"https://{before}{host}{after}", f"https://{host}/{after}"):
            try:
                origin_of(endpoint)
            except NotAllowed:
                continue
            url = httpx.URL(endpoint)
            assert (url.scheme, url.userinfo, url.port) == ("https", b"", None)
            assert url.host == host or (host.startswith(".") and url.host.endswith(host))


@pytest.mark.parametrize(
    ("key", "auth", "part"),
    [
        ("", AUTH, "p256dh"),
        (KEY[:-2], AUTH, "p256dh"),
        (KEY[:-4] + "AAAA", AUTH, "p256dh"),  # not on the curve
        (KEY + "!", AUTH, "p256dh"),
        ("A" * 87, AUTH, "p256dh"),
        (KEY, "", "auth"),
        (KEY, AUTH[:-3], "auth"),
        (KEY, AUTH + "AAAA", "auth"),
        (KEY, AUTH[:-1] + "\n", "auth"),
    ],
)
def test_keys_that_nothing_can_be_encrypted_with_are_refused(
    key: str, auth: str, part: str
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        Subscription("https://web.push.apple.com/x", key, auth)
    assert refusal.value.part == part


def test_padding_is_understood() -> None:
    padded = Subscription("https://web.push.apple.com/x", KEY + "=", AUTH + "==")
    assert len(padded.secret()) == 16
