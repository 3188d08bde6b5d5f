"""Every URL is limited: the test requests each once and checks that it was counted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver
from uuid_utils.compat import uuid7

from foundation.valkey import valkey
from recovery.api import allowances as api
from recovery.limits.consume import consume
from recovery.limits.limit import IN_WIDE, Alarm, Limit, Traffic, Use, limits_of
from recovery.limits.network import networks_of
from recovery.live import allowances as live
from recovery.people import allowances as people
from recovery.signin import allowances as signin
from recovery.signin.models import User
from tests.architecture.urls import WEB_APP, urls
from tests.cast import NOW, FakePhone, make_user

SERVED = urls(get_resolver().url_patterns)
ALLOWANCES = (api, live, people, signin)
VALUES = [value for module in ALLOWANCES for value in vars(module).values()]
ALARMS = [value for value in VALUES if isinstance(value, Alarm)]
DECLARED = [value for value in VALUES if isinstance(value, Limit)] + [
    limit
    for value in VALUES
    if isinstance(value, Traffic)
    for limit in (value.device, value.account)
]
# Counted by the secret of a phone that has signed in to the account before.
OF_KNOWN_PHONES = (signin.CODE_INSTALL, signin.FACTOR_INSTALL, signin.FACTOR_INSTALL_DAY)


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
    assert {route for route in SERVED if not limits(route)} == {"healthz", "readyz", *WEB_APP}


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


@pytest.mark.parametrize(
    "limit", sorted(DECLARED, key=lambda limit: limit.name), ids=lambda limit: limit.name
)
def test_each_limit_says_who_can_use_it_up(limit: Limit) -> None:
    assert limit.used_up_by in ("owner", "holder", "network")
    assert limit.used_up_by == "owner" or not limit.is_traffic


@pytest.mark.parametrize("route", OPEN)
def test_without_sign_in_strangers_use_up_only_what_is_their_own(route: str) -> None:
    """A limit is counted by the network, or by a secret that strangers cannot know. `consume`
    refuses to count the former without a network."""
    by_address = limits(route)
    assert not isinstance(by_address, Traffic)
    for limit in by_address:
        assert limit.used_up_by != "owner" or limit in OF_KNOWN_PHONES
        if limit.used_up_by == "network":
            with pytest.raises(ValueError, match="count it by network"):
                consume(Use(limit, "an address"), now=NOW)


@pytest.mark.parametrize(
    "limit",
    [each for each in DECLARED if each.used_up_by == "network"],
    ids=lambda limit: limit.name,
)
def test_two_networks_never_share_a_limit(limit: Limit) -> None:
    """In IPv6, those of one customer do: a /64 counts for its /48 too."""
    keys = [
        {use.key for use in limit.uses(networks_of(address, ""), "ana@example.org")}
        for address in ("192.0.2.1", "192.0.2.2", "2001:db8:1::1", "2001:db8:2::1")
    ]
    assert len(set.union(*keys)) == sum(map(len, keys)) == 6
    site = limit.uses(networks_of("2001:db8:1:ffff::1", ""), "ana@example.org")
    assert len(keys[2] & {use.key for use in site}) == 1
    assert [use.limit.allowed for use in site] == [limit.allowed, limit.allowed * IN_WIDE]


def test_every_limit_is_described() -> None:
    described = (settings.BASE_DIR / "docs" / "limits.md").read_text()
    assert [each.name for each in (*DECLARED, *ALARMS) if f"`{each.name}`" not in described] == []


def test_all_actions_share_a_limit() -> None:
    actions = {limits(route) for route in SERVED if route.startswith("api/v1/actions/")}
    assert actions == {api.ACTIONS}


def test_each_limit_has_a_name_of_its_own() -> None:
    """The name is the key, so two limits of one name would share a count."""
    names = [limit.name for limit in DECLARED]
    assert len(names) == len(set(names))


def test_credentials_stay_limited_while_valkey_is_away() -> None:
    guessing = [route for route in OPEN if "auth/" in route or route == "api/v1/enrolment"]
    assert {limit.without_valkey for route in guessing for limit in limits(route)} == {"postgres"}
