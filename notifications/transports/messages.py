"""The exact bytes of a push: the same for every recipient and every event.

A push says "there may be something new". This module does not even get the type, the recipient,
the programme, a text or how long the news is of use. What differs is the address, one of three
classes and, for Apple, an expiry that is rounded up to a quarter of an hour. A push to a browser
is in one of two languages and has a random id, and all have one length once they are encrypted.
"""

from __future__ import annotations

import json
import uuid
import warnings
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from firebase_admin import messaging

from notifications.transports.texts import sentence
from notifications.types import PUSH_CLASSES, PushClass

APPLE_STEP = 900
# The "web_push" of a message that a browser shows although no code of ours runs (Declarative Web
# Push).
DECLARATIVE = 8030
_ADDRESS = "the address goes here"


def request_body(push_class: str, kind: str, value: str, *, now: datetime) -> bytes:
    """The body of one `messages:send` request to `value`, a device "token" or a "fid"."""
    known = PUSH_CLASSES[push_class]
    gone_at = int((now + known.ttl).timestamp())
    head, tail = _halves(known, kind, -(-gone_at // APPLE_STEP) * APPLE_STEP)
    return head + json.dumps(value).encode() + tail


def web_notification(push_class: str, locale: str, push_id: uuid.UUID) -> bytes:
    """The plain text of a push to a browser. `push_id`: the delivery's, random and the same when
    it is sent again. Raises ValueError for a class that shows nothing."""
    known = PUSH_CLASSES[push_class]
    if known.sentence is None:
        raise ValueError(f"a {push_class!r} push shows nothing, so no browser may get it")
    language, title = sentence(known.sentence, locale)
    notification = {
        "title": title,
        "lang": language,
        "dir": "ltr",
        "tag": known.name,
        "navigate": f"{settings.PUBLIC_URL}/",
        "data": {"v": "1", "k": known.name, "id": str(push_id)},
    }
    message = {"web_push": DECLARATIVE, "notification": notification}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=256)
def _halves(known: PushClass, kind: str, apple_expiry: int) -> tuple[bytes, bytes]:
    """The JSON before and after the address, so that it can be cached for all addresses."""
    with warnings.catch_warnings():
        # firebase-admin deprecates tokens, but half of all installed apps still have one.
        warnings.simplefilter("ignore", DeprecationWarning)
        message = messaging.Message(
            data={"v": "1", "k": known.name},
            android=messaging.AndroidConfig(
                collapse_key=known.name,
                # Android delays apps that use high priority without showing a notification.
                priority="high" if known.shown else "normal",
                ttl=known.ttl,
            ),
            apns=_apple(known, apple_expiry),
            **{kind: _ADDRESS},
        )
    head, tail = f'{{"message": {message}}}'.split(json.dumps(_ADDRESS))
    return head.encode(), tail.encode()


def _apple(known: PushClass, expiry: int) -> messaging.APNSConfig:
    """Apple throttles silent pushes to a few an hour, so anything important is an alert. The app
    has the sentence in every language, and its notification extension may replace it."""
    shown = messaging.Aps(alert=messaging.ApsAlert(loc_key=known.sentence), mutable_content=True)
    silent = messaging.Aps(content_available=True)
    return messaging.APNSConfig(
        headers={
            "apns-collapse-id": known.name,
            "apns-expiration": str(expiry),
            "apns-priority": "10" if known.shown else "5",
            "apns-push-type": "alert" if known.shown else "background",
        },
        payload=messaging.APNSPayload(aps=shown if known.shown else silent),
    )
