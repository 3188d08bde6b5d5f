"""The schema of a `messages:send` request, after Google's reference for HTTP v1.

Names can be in snake_case or lowerCamelCase, as in every Google API.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

PAYLOAD_BYTES = 4096
LONGEST_TTL = 4 * 7 * 86_400
RESERVED_KEYS = re.compile(r"from|message_type|notification|google.*|gcm.*")
TARGETS = ("token", "fid", "topic", "condition")
DURATION = re.compile(r"(\d{1,12})(\.\d{1,9})?s")


class Violation(NamedTuple):
    """A field and what is wrong with it."""

    field: str
    description: str


Check = Callable[[Any, str], Iterator[Violation]]


def text(value: Any, path: str) -> Iterator[Violation]:
    if not isinstance(value, str):
        yield Violation(path, f"Invalid value at '{path}' (TYPE_STRING)")


def flag(value: Any, path: str) -> Iterator[Violation]:
    if not isinstance(value, bool):
        yield Violation(path, f"Invalid value at '{path}' (TYPE_BOOL)")


def number(value: Any, path: str) -> Iterator[Violation]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Violation(path, f"Invalid value at '{path}' (TYPE_NUMBER)")


def struct(value: Any, path: str) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield Violation(path, f"Invalid value at '{path}' (google.protobuf.Struct)")


def texts(value: Any, path: str) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield Violation(path, f"Invalid value at '{path}' (map of TYPE_STRING)")
        return
    for key, item in value.items():
        yield from text(item, f"{path}[{key}]")


def list_of_texts(value: Any, path: str) -> Iterator[Violation]:
    if not isinstance(value, list):
        yield Violation(path, f"Invalid value at '{path}' (list of TYPE_STRING)")
        return
    for index, item in enumerate(value):
        yield from text(item, f"{path}[{index}]")


def data(value: Any, path: str) -> Iterator[Violation]:
    yield from texts(value, path)
    for key in value if isinstance(value, dict) else ():
        if RESERVED_KEYS.fullmatch(key):
            yield Violation(f"{path}[{key}]", f"Invalid data payload key: {key}")


def duration(value: Any, path: str) -> Iterator[Violation]:
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if not match or int(match[1]) > LONGEST_TTL:
        yield Violation(path, f"Invalid value at '{path}' (type.googleapis.com/Duration)")


def one_of(*names: str) -> Check:
    def check(value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, str) or value.upper() not in names:
            yield Violation(path, f"Invalid value at '{path}' (enum)")

    return check


def shape(**fields: Check) -> Check:
    """An object with these fields and no others."""
    known = dict(fields)
    for name, check in fields.items():
        head, *rest = name.split("_")
        known[head + "".join(map(str.capitalize, rest))] = check

    def check_object(value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield Violation(path, f"Invalid value at '{path}' (object expected)")
            return
        for name, item in value.items():
            if name not in known:
                yield Violation(
                    path,
                    f'Invalid JSON payload received. Unknown name "{name}" at'
                    f" '{path}': Cannot find field.",
                )
            else:
                yield from known[name](item, f"{path}.{name}" if path else name)

    return check_object


_label = shape(analytics_label=text)
_android_notification = shape(
    title=text,
    body=text,
    icon=text,
    color=text,
    sound=text,
    tag=text,
    click_action=text,
    body_loc_key=text,
    body_loc_args=list_of_texts,
    title_loc_key=text,
    title_loc_args=list_of_texts,
    channel_id=text,
    ticker=text,
    sticky=flag,
    event_time=text,
    local_only=flag,
    notification_priority=text,
    default_sound=flag,
    default_vibrate_timings=flag,
    default_light_settings=flag,
    vibrate_timings=list_of_texts,
    visibility=one_of("VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"),
    notification_count=number,
    light_settings=struct,
    image=text,
    proxy=text,
)
_message = shape(
    data=data,
    notification=shape(title=text, body=text, image=text),
    android=shape(
        collapse_key=text,
        priority=one_of("NORMAL", "HIGH"),
        ttl=duration,
        restricted_package_name=text,
        data=data,
        notification=_android_notification,
        fcm_options=_label,
        direct_boot_ok=flag,
        bandwidth_constrained_ok=flag,
        restricted_satellite_ok=flag,
    ),
    webpush=shape(
        headers=texts,
        data=data,
        notification=struct,
        fcm_options=shape(link=text, analytics_label=text),
    ),
    apns=shape(
        headers=texts,
        payload=struct,
        fcm_options=shape(analytics_label=text, image=text),
        live_activity_token=text,
    ),
    fcm_options=_label,
    token=text,
    fid=text,
    topic=text,
    condition=text,
)
_request = shape(validate_only=flag, message=_message)


def violations(request: Any) -> list[Violation]:
    """Everything that Google would reject in this request. Empty if it is valid."""
    problems = list(_request(request, ""))
    if problems:
        return problems
    message = request.get("message")
    if not message:
        return [Violation("message", "Message is required.")]
    if sum(target in message for target in TARGETS) != 1:
        return [Violation("message", "Exactly one recipient must be set.")]
    # The limit is on all keys and values that reach the app.
    pairs = [pair for part in ("data", "notification") for pair in message.get(part, {}).items()]
    if sum(len(key.encode()) + len(value.encode()) for key, value in pairs) > PAYLOAD_BYTES:
        return [Violation("message.data", "Message is too big.")]
    return []
