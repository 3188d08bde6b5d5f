"""The console's socket: whose it is, and that it says nothing but which lists have changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from recovery.signin.tokens import SESSION_COOKIE
from tests.cast import make_user, open_group, sign_in
from tests.live.phones import PATIENCE, LivePhone, change, change_members, closed_with
from tests.live.server import CONSOLE, ORIGIN, LiveServer

PROTOCOL = "handrail.desk.v1"


def staff() -> tuple[Any, str]:
    user = make_user(is_staff=True)
    return user, sign_in(user, now=timezone.now())["access_token"]


def opened(live: LiveServer, token: str, **options: Any) -> ClientConnection:
    usual: dict[str, Any] = {
        "additional_headers": {"Cookie": f"{SESSION_COOKIE}={token}"},
        "origin": CONSOLE,
        "subprotocols": [PROTOCOL],
        "compression": None,
        "legacy": True,
    }
    return connect(live.url.replace("/live", "/desk"), **usual | options)


def heard(line: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(line.recv(PATIENCE)))


def test_staff_hear_which_of_their_lists_change_and_nothing_else(live: LiveServer) -> None:
    user, token = staff()
    group, foreign = open_group(user), open_group(make_user())
    with opened(live, token) as line:
        assert heard(line) == {"t": "hello"}
        change(foreign, make_user())
        change(group, user)
        assert heard(line) == {"t": "changed", "lists": [f"group:{group}"]}


def test_a_list_that_is_new_is_said_as_everything(live: LiveServer) -> None:
    user, token = staff()
    with opened(live, token) as line:
        assert heard(line) == {"t": "hello"}
        other = make_user()
        group = open_group(other)
        change_members(other, grant=(group, user.id, "facilitator"))
        assert heard(line) == {"t": "changed", "lists": ["all"]}
        change(group, other)
        assert {"t": "changed", "lists": [f"group:{group}"]} in (heard(line), heard(line))


def test_each_page_has_a_socket_of_its_own(live: LiveServer) -> None:
    user, token = staff()
    group = open_group(user)
    with opened(live, token) as one, opened(live, token) as other:
        assert heard(one) == heard(other) == {"t": "hello"}
        change(group, user)
        assert heard(one) == heard(other) == {"t": "changed", "lists": [f"group:{group}"]}


@pytest.mark.parametrize("origin", [None, ORIGIN, "https://evil.example"])
def test_no_other_site_opens_one_with_the_cookie(live: LiveServer, origin: str | None) -> None:
    _, token = staff()
    with pytest.raises(InvalidStatus):
        opened(live, token, origin=origin)


@pytest.mark.parametrize("cookie", ["", "hra_" + "x" * 43, "nonsense"])
def test_nobody_without_a_session_hears_anything(live: LiveServer, cookie: str) -> None:
    with opened(live, cookie) as line:
        assert closed_with(line) == 4401


def test_a_patient_and_staff_without_a_second_step_hear_nothing(live: LiveServer) -> None:
    patient = make_user()
    with opened(live, sign_in(patient, now=timezone.now())["access_token"]) as line:
        assert closed_with(line) == 4401
    half = make_user(is_staff=True)
    tokens = sign_in(half, now=timezone.now(), methods=["email_code"])
    with opened(live, tokens["access_token"]) as line:
        assert closed_with(line) == 4401


def test_it_ends_with_the_session(live: LiveServer) -> None:
    user, token = staff()
    phone = LivePhone(user)
    session = sign_in(user, now=timezone.now())
    with opened(live, session["access_token"]) as line:
        assert heard(line) == {"t": "hello"}
        phone.sign_out(session["session"])
        assert closed_with(line) == 4401
    with opened(live, token) as line:
        assert heard(line) == {"t": "hello"}


def test_a_page_has_nothing_to_say(live: LiveServer) -> None:
    _, token = staff()
    with opened(live, token) as line:
        assert heard(line) == {"t": "hello"}
        line.send("anything")
        assert closed_with(line) == 4400
