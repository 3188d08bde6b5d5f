"""Every URL is limited: the test requests each once and checks that it was counted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from uuid_utils.compat import uuid7

from foundation.valkey import valkey
from recovery.api import allowances as api
from recovery.limits.limit import Limit, Traffic, Use, limits_of
from recovery.live import allowances as live
from recovery.people import allowances as people
from recovery.signin import allowances as signin
from recovery.signin.models import User
from tests.architecture.urls import urls
from tests.cast import FakePhone, make_user

SERVED = urls(get_resolver().url_patterns)
ALLOWANCES = (api, live, people, signin)


def limits(route: str) -> Traffic | tuple[Limit, ...]:
    """The limits of a URL. Lists of rows have a default."""
    declared = limits_of(SERVED[route])
    return signin.READS if declared is None else declared


SIGNED_IN = sorted(route for route in SERVED if isinstance(limits(route), Traffic))
OPEN = sorted(route for route in SERVED if limits(route) and route not in SIGNED_IN)
# Bodies for URLs that count a request only if its body looks valid.
DEVICE = {"platform": "android", "app": "1"}
BODIES: dict[str, dict[str, Any]] = {
    "api/v1/enrolment": {"code": "AAAA-BBBB-CCCC", "install": "x" * 20, "device": DEVICE},
    "api/v1/sessions/refresh": {"refresh_token": "hrr_" + "A" * 64},
    "api/v1/sessions/wipe-receipt": {"receipt": "none"},
    "auth/app/v1/auth/code/request": {"email": "nobody@example.org"},
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user(is_staff=True)


@pytest.fixture
def address() -> str:
    """An address without any requests yet."""
    return ".".join(str(byte) for byte in (10, *uuid7().bytes[-3:]))


def counted(limit: Limit, by: object) -> int:
    return int(valkey().get(Use(limit, str(by)).key) or 0)


def path(route: str) -> str:
    return "/" + re.sub(r"<uuid:\w+>", str(uuid7()), route)


def test_only_lists_are_limited_as_lists(user: User) -> None:
    """Any other view must declare its limit."""
    caller = FakePhone(user)
    lists = [route for route in SERVED if limits(route) is signin.READS]
    refused = {route: caller.post(path(route)).status_code for route in lists}
    assert refused == dict.fromkeys(lists, 405)


def test_only_platform_urls_are_unlimited() -> None:
    assert {route for route in SERVED if not limits(route)} == {"healthz", "readyz"}


@pytest.mark.parametrize("route", SIGNED_IN)
def test_a_request_counts_once_for_its_device_and_its_account(
    user: User, route: str, settings: Any
) -> None:
    settings.LIMITS_AHEAD = 0
    caller = FakePhone(user)
    traffic = limits(route)
    assert isinstance(traffic, Traffic)
    before = counted(traffic.account, user.id)
    caller.post(path(route))
    assert counted(traffic.device, caller.tokens["session"]) == 1
    assert counted(traffic.account, user.id) == before + 1


@pytest.mark.parametrize("route", OPEN)
def test_an_anonymous_request_counts_for_its_address(address: str, route: str) -> None:
    by_address = limits(route)
    assert not isinstance(by_address, Traffic)
    ask = Client(REMOTE_ADDR=address, raise_request_exception=False)
    if signin.DOCUMENT in by_address:
        ask.get(path(route))
    else:
        ask.post(path(route), BODIES.get(route, {}), content_type="application/json")
    assert 1 in {counted(limit, f"{address}/32") for limit in by_address}


def test_all_actions_share_a_limit() -> None:
    actions = {limits(route) for route in SERVED if route.startswith("api/v1/actions/")}
    assert actions == {api.ACTIONS}


def test_each_limit_has_a_name_of_its_own() -> None:
    """The name is the key, so two limits of one name would share a count."""
    declared = [value for module in ALLOWANCES for value in vars(module).values()]
    entries = [value for value in declared if isinstance(value, Limit | Traffic)]
    names = [
        limit.name
        for value in entries
        for limit in ((value.device, value.account) if isinstance(value, Traffic) else (value,))
    ]
    assert len(names) == len(set(names))


def test_credentials_stay_limited_while_valkey_is_away() -> None:
    guessing = [route for route in OPEN if "auth/" in route or route == "api/v1/enrolment"]
    assert {limit.without_valkey for route in guessing for limit in limits(route)} == {"postgres"}
