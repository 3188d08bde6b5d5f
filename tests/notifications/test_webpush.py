"""Pushes to browsers: each is one request, which only the browser can read."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from notifications.fcm_simulator.answers import Answer
from notifications.fcm_simulator.browsers import Refusal
from notifications.transports import texts, web_encryption
from notifications.transports.answers import NOT_ALLOWED, Means, Verdict, read_web_answer
from notifications.transports.credentials import Misconfigured
from notifications.transports.messages import web_notification
from notifications.transports.subscriptions import Subscription, decoded
from notifications.transports.vapid import Vapid, vapid
from notifications.transports.webpush import LENGTH, WebPush
from notifications.types import PUSH_CLASSES, PushClass
from tests.cast import NOW
from tests.notifications.running import PATIENT, RunningSimulator, deadline_for, name_of

SHOWN = sorted(name for name, known in PUSH_CLASSES.items() if known.shown)
SILENT = sorted(name for name, known in PUSH_CLASSES.items() if not known.shown)


def send(
    to: Subscription | str,
    push_class: str = "reminder",
    locale: str = "en",
    *,
    key: Vapid | None = None,
    push_id: uuid.UUID | None = None,
    deadline: float = PATIENT,
) -> Verdict:
    async def work() -> Verdict:
        address = to if isinstance(to, str) else to.text()
        async with WebPush(key or vapid(), deadline=deadline) as transport:
            return await transport.send(
                address, push_class, locale, push_id or uuid.uuid4(), now=datetime.now(UTC)
            )

    return asyncio.run(work())


@pytest.mark.parametrize("push_class", SHOWN)
def test_a_browser_reads_what_was_sent(web: RunningSimulator, push_class: str) -> None:
    browser, push_id = web.browser(), uuid.uuid4()
    assert send(browser, push_class, push_id=push_id) == Verdict(Means.SENT)
    [request] = web.requests(name_of(browser))
    assert json.loads(request["body"]) == {
        "web_push": 8030,
        "notification": {
            "title": "You have something new",
            "lang": "en",
            "dir": "ltr",
            "tag": push_class,
            "navigate": "http://127.0.0.1:8000/",
            "data": {"v": "1", "k": push_class, "id": str(push_id)},
        },
    }
    ttl = PUSH_CLASSES[push_class].ttl.total_seconds()
    assert request["headers"] == {"TTL": str(int(ttl)), "Urgency": "high", "Topic": push_class}


@pytest.mark.parametrize(
    ("locale", "language", "title"),
    [
        ("en", "en", "You have something new"),
        ("es", "es", "Tienes algo nuevo"),
        ("es-MX", "es", "Tienes algo nuevo"),
        ("tlh", "en", "You have something new"),
    ],
)
def test_it_is_in_the_persons_language(
    web: RunningSimulator, locale: str, language: str, title: str
) -> None:
    browser = web.browser()
    send(browser, locale=locale)
    [shown] = web.shown(browser)
    assert (shown["lang"], shown["title"]) == (language, title)


sentences = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50)


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sentence=sentences,
    language=st.sampled_from(texts.LANGUAGES),
    push_class=st.sampled_from(SHOWN),
    push_id=st.uuids(),
)
def test_every_push_has_one_length_on_the_way(
    web: RunningSimulator,
    monkeypatch: pytest.MonkeyPatch,
    sentence: str,
    language: str,
    push_class: str,
    push_id: uuid.UUID,
) -> None:
    """Whatever its words, class and language: also with words that we do not have yet."""
    monkeypatch.setitem(
        texts.SENTENCES, "YOU_HAVE_AN_UPDATE", dict.fromkeys(("en", language), sentence)
    )
    browser = web.browser()
    assert send(browser, push_class, language, push_id=push_id).means is Means.SENT
    assert [shown["title"] for shown in web.shown(browser)] == [sentence]
    header, delimiter, tag = 16 + 4 + 1 + 65, 1, 16
    sizes = {request["size"] for request in web.requests(name_of(browser))}
    assert sizes == {header + LENGTH + delimiter + tag}


@pytest.mark.parametrize("push_class", SILENT)
def test_what_shows_nothing_cannot_be_made_for_a_browser(push_class: str) -> None:
    with pytest.raises(ValueError, match="no browser may get it"):
        web_notification(push_class, "en", uuid.uuid4())


def test_a_class_shows_a_sentence_that_we_have_in_every_language() -> None:
    with pytest.raises(ValueError, match="unknown sentence"):
        PushClass("loud", rank=0, sentence="HELLO", ttl=timedelta(hours=1))
    for known in texts.SENTENCES.values():
        assert set(known) == set(texts.LANGUAGES)
        for words in known.values():
            assert not set(words.lower().split()) & {"recovery", "treatment", "clinic", "session"}


@pytest.mark.parametrize(
    ("answer", "means", "reason"),
    [
        (Answer("unregistered"), Means.GONE, "unregistered"),
        (Answer("gone"), Means.GONE, "unregistered"),
        (Answer("vapid_refused"), Means.TRY_LATER, "vapid_refused"),
        (Answer("too_large"), Means.OUR_FAULT, "http_413"),
        (Answer("quota"), Means.TRY_LATER, "quota_exceeded"),
        (Answer("internal"), Means.TRY_LATER, "internal"),
        (Answer("unavailable"), Means.TRY_LATER, "unavailable"),
        (Answer("redirect"), Means.TRY_LATER, "http_307"),
        (Answer("slow", seconds=30), Means.TRY_LATER, "timeout"),
        (Answer("reset"), Means.TRY_LATER, "unreachable"),
        (Answer("lost"), Means.TRY_LATER, "unreachable"),
    ],
)
def test_each_answer_is_one_request_and_one_verdict(
    web: RunningSimulator, answer: Answer, means: Means, reason: str
) -> None:
    browser = web.browser()
    web.answers(name_of(browser), answer)
    assert send(browser, deadline=deadline_for(answer)) == Verdict(means, reason)
    assert [request["answer"] for request in web.requests(name_of(browser))] == [answer.kind]


@pytest.mark.parametrize("kind", ["quota", "unavailable"])
@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_obeyed(web: RunningSimulator, kind: str, as_date: bool) -> None:
    browser = web.browser()
    web.answers(name_of(browser), Answer(kind, retry_after=30, as_date=as_date))
    wait = send(browser).wait
    assert wait is not None
    assert 28 <= wait <= 30


@given(status=st.integers(100, 599), header=st.text(max_size=40))
def test_no_answer_to_one_browser_holds_up_the_others(status: int, header: str) -> None:
    verdict = read_web_answer(status, {"Retry-After": header, "Date": header}, now=NOW)
    assert verdict.means in {Means.SENT, Means.GONE, Means.TRY_LATER, Means.OUR_FAULT}
    assert (verdict.means is Means.GONE) == (status in {404, 410})
    assert (verdict.means is Means.SENT) == (200 <= status < 300)
    assert verdict.wait is None or 0 <= verdict.wait <= 3600


def test_a_browser_that_unsubscribed_is_gone(web: RunningSimulator) -> None:
    browser = web.browser()
    web.inside.browsers.unsubscribe(name_of(browser))
    assert send(browser) == Verdict(Means.GONE, "unregistered")


def test_a_service_that_is_no_longer_on_the_list_gets_nothing(
    web: RunningSimulator, settings: Any
) -> None:
    address = web.browser().text()
    settings.FCM_ENDPOINT = "https://fcm.googleapis.com"
    assert send(address) == NOT_ALLOWED
    assert web.inside.inboxes.requests == 0


def test_a_browser_that_subscribed_with_another_key_refuses_ours(web: RunningSimulator) -> None:
    other = Vapid(generate_private_key(SECP256R1()), "https://handrail.example.org")
    browser = web.browser()
    assert send(browser, key=other) == Verdict(Means.TRY_LATER, "vapid_refused")
    assert web.shown(browser) == []
    assert send(browser).means is Means.SENT


def test_a_token_is_for_one_service_and_half_a_day() -> None:
    key, origin = vapid(), "https://web.push.apple.com"
    header = key.authorization(origin, NOW)
    token, public = header.removeprefix("vapid t=").split(", k=")
    assert (public, len(decoded(public))) == (key.public, 65)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims.keys() == {"aud", "exp", "sub"}
    assert (claims["aud"], claims["sub"]) == (origin, "http://127.0.0.1:8000")
    left = claims["exp"] - NOW.timestamp()
    assert 11 * 3600 <= left <= 12 * 3600
    assert key.authorization(origin, NOW) == header
    later = key.authorization(origin, NOW + timedelta(hours=1))
    assert later not in {header, key.authorization("https://other", NOW)}


@pytest.mark.parametrize(
    "key", ["", "short", "c2hvcnQ", "A" * 44, "!" * 43, "A" * 43, "_" * 43, "é"]
)
def test_an_unusable_key_is_reported_in_a_sentence(settings: Any, key: str) -> None:
    settings.VAPID_KEY = key
    with pytest.raises(Misconfigured, match="VAPID_KEY"):
        vapid()


GOOD = {"TTL": "60", "Urgency": "high", "Topic": "reminder", "Content-Encoding": "aes128gcm"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"TTL": ""}, 400),
        ({"TTL": "-1"}, 400),
        ({"TTL": "9999999"}, 400),
        ({"Urgency": "now"}, 400),
        ({"Topic": "a topic"}, 400),
        ({"Topic": "x" * 33}, 400),
        ({"Content-Encoding": "aesgcm"}, 400),
        ({"Authorization": ""}, 401),
        ({"Authorization": "vapid t=a.b.c, k=AAAA"}, 403),
        ({}, 400),  # a body that is not encrypted
    ],
)
def test_the_simulator_refuses_what_a_service_or_a_browser_would(
    web: RunningSimulator, change: dict[str, str], status: int
) -> None:
    name = web.subscription()["endpoint"].rpartition("/")[2]
    headers = GOOD | {"Authorization": vapid().authorization(web.endpoint, datetime.now(UTC))}
    with pytest.raises(Refusal) as refusal:
        web.inside.browsers.receive(name, headers | change, b"x" * 200)
    assert refusal.value.status == status


@pytest.mark.parametrize("end", [b"", b"\1", b"\2more"])
def test_a_push_that_is_not_one_whole_record_is_our_fault(
    web: RunningSimulator, monkeypatch: pytest.MonkeyPatch, end: bytes
) -> None:
    monkeypatch.setattr(web_encryption, "LAST_RECORD", end)
    browser = web.browser()
    assert send(browser) == Verdict(Means.OUR_FAULT, "invalid_request")
    assert web.shown(browser) == []


@pytest.mark.parametrize(
    ("contact", "hours"), [("ana", 0), ("", 0), ("mailto:ana@example.org", 13)]
)
def test_the_simulator_refuses_tokens_that_services_refuse(
    web: RunningSimulator, contact: str, hours: int
) -> None:
    key = Vapid(generate_private_key(SECP256R1()), contact)
    name = web.subscription()["endpoint"].rpartition("/")[2]
    for origin, at in ((web.endpoint, hours), (web.endpoint, hours - 26), ("https://x", 0)):
        when = datetime.now(UTC) + timedelta(hours=at)
        headers = GOOD | {"Authorization": key.authorization(origin, when)}
        with pytest.raises(Refusal) as refusal:
            web.inside.browsers.receive(name, headers, b"x" * 200)
        assert refusal.value.status == 403
