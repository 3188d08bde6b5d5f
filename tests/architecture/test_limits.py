"""Every URL is limited: each is asked once, and that must have been counted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.feed.announce import valkey
from recovery.people import allowances
from recovery.people.allowances import ACTION_PATH, READS, ROUTES, Traffic, limits_of
from recovery.people.limits import Limit, Use
from recovery.people.models import User
from tests.api.http import Caller
from tests.api.test_schema import urls
from tests.factories.people import make_user

SOCKET = "ws/v1/live"  # served by the live tier: tests/api/live/test_handshake.py
SERVED = sorted(urls(get_resolver().url_patterns))
SIGNED_IN = [route for route in SERVED if isinstance(limits_of(route), Traffic)]
OPEN = [route for route in SERVED if limits_of(route) and route not in SIGNED_IN]
# What is counted only once it could be meant.
DEVICE = {"platform": "android", "app": "1"}
BODIES: dict[str, dict[str, Any]] = {
    "api/v1/enrolment": {"code": "AAAA-BBBB-CCCC", "install": "x" * 20, "device": DEVICE},
    "api/v1/sessions/refresh": {"refresh_token": "hrr_" + "A" * 64},
    "api/v1/sessions/wipe-receipt": {"receipt": "none"},
    "auth/app/v1/auth/code/request": {"email": "nobody@example.org"},
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def somebody() -> User:
    return make_user(is_staff=True)


@pytest.fixture
def address() -> str:
    """Where nobody else has asked from."""
    return ".".join(str(byte) for byte in (10, *uuid7().bytes[-3:]))


def counted(limit: Limit, by: object) -> int:
    return int(valkey().get(Use(limit, str(by)).key) or 0)


def path(route: str) -> str:
    return "/" + re.sub(r"<uuid:\w+>", str(uuid7()), route)


def test_every_route_of_the_table_is_served() -> None:
    assert set(ROUTES) - {SOCKET} - set(SERVED) == set()


def test_only_lists_are_limited_as_lists(somebody: User) -> None:
    """A new URL that is something else needs a line of its own in the table."""
    caller = Caller(somebody, now=timezone.now())
    lists = [route for route in SERVED if limits_of(route) is READS]
    refused = {route: caller.post(path(route)).status_code for route in lists}
    assert refused == dict.fromkeys(lists, 405)


def test_what_is_limited_by_nothing_is_for_the_platform() -> None:
    assert [route for route in SERVED if not limits_of(route)] == ["healthz", "readyz"]


@pytest.mark.parametrize("route", SIGNED_IN)
def test_a_request_counts_once_for_its_device_and_its_account(
    somebody: User, route: str, settings: Any
) -> None:
    settings.LIMITS_AHEAD = 0
    caller = Caller(somebody, now=timezone.now())
    limits = limits_of(route)
    assert isinstance(limits, Traffic)
    before = counted(limits.account, somebody.id)
    caller.post(path(route))
    assert counted(limits.device, caller.tokens["session"]) == 1
    assert counted(limits.account, somebody.id) == before + 1


@pytest.mark.parametrize("route", OPEN)
def test_a_request_of_nobody_counts_for_its_address(address: str, route: str) -> None:
    limits = limits_of(route)
    assert not isinstance(limits, Traffic)
    ask = Client(REMOTE_ADDR=address, raise_request_exception=False)
    if allowances.DOCUMENT in limits:
        ask.get(path(route))
    else:
        ask.post(path(route), BODIES.get(route, {}), content_type="application/json")
    assert 1 in {counted(limit, f"{address}/32") for limit in limits}


def test_every_action_is_limited_as_one() -> None:
    assert {limits_of(route) for route in SERVED if route.startswith(ACTION_PATH)} == {
        allowances.ACTIONS
    }


def test_each_limit_has_a_name_of_its_own() -> None:
    """The name is the key: two of one name would count each other's."""
    found = [value for value in vars(allowances).values() if isinstance(value, Limit | Traffic)]
    names = [
        limit.name
        for value in found
        for limit in ((value.device, value.account) if isinstance(value, Traffic) else (value,))
    ]
    assert len(names) == len(set(names))


def test_credentials_are_never_let_through_because_valkey_is_away() -> None:
    guessed = [limit for route in ROUTES if "auth/" in route for limit in _limits(route)]
    guessed += _limits("api/v1/enrolment")
    assert {limit.without_valkey for limit in guessed} == {"postgres"}


def _limits(route: str) -> list[Limit]:
    limits = limits_of(route)
    return [limits.device, limits.account] if isinstance(limits, Traffic) else list(limits)
