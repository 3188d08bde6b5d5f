"""The traffic limits of signed-in users, by device and account: exact and cheap."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from foundation.problems import SlowDown
from foundation.valkey import valkey
from recovery.api import allowances
from recovery.conversations.models import Message
from recovery.feed.context import set_actor
from recovery.limits.consume import consume
from recovery.limits.limit import Limit, Traffic, Use, traffic
from recovery.limits.permits import Permits
from recovery.signin.allowances import STRANGER
from tests.cast import NOW, Circle, FakePhone, answer, make_user
from tests.limits.counting import count_allowed


@pytest.fixture(autouse=True)
def as_in_production(settings: Any) -> None:
    settings.TRAFFIC_FACTOR = 1


@pytest.fixture
def kind() -> Callable[..., Traffic]:
    """An unused kind of traffic: five per device, twelve per account."""
    return lambda **more: traffic(uuid7().hex, 5, 12, allowances.MINUTE, **more)


def allowed(kind: Traffic, devices: int, tries: int) -> int:
    """How many of `tries` requests from one person's devices are allowed, 24 at once."""
    person, sessions = uuid7(), [uuid7() for _ in range(devices)]
    return count_allowed(kind.uses(sessions[n % devices], person) for n in range(tries))


def use_up(limit: Limit, by: object) -> None:
    valkey().set(Use(limit, str(by)).key, limit.allowed, px=30_000)


def slowed(response: Any) -> bool:
    is_slowed = response.status_code == 429
    if is_slowed:
        assert answer(response, 429)["code"] == "slow_down"
        assert 1 <= int(response["Retry-After"]) <= 30
    return is_slowed


@pytest.mark.parametrize(("devices", "expected"), [(1, 5), (2, 10), (3, 12), (4, 12)])
def test_exact_at_24_at_once(kind: Callable[..., Traffic], devices: int, expected: int) -> None:
    """Refused requests of one device do not count for the others."""
    assert allowed(kind(), devices, 120) == expected


@pytest.mark.parametrize(("devices", "expected"), [(1, 200), (2, 400), (3, 480), (4, 480)])
def test_exact_where_requests_are_counted_ahead(devices: int, expected: int) -> None:
    """One process, as for a phone with one connection."""
    assert allowed(traffic(uuid7().hex, 200, 480, allowances.MINUTE), devices, 1_000) == expected


@given(visits=st.lists(st.integers(0, 3), min_size=150, max_size=300))
def test_four_processes_never_allow_more_and_only_a_few_less(visits: list[int]) -> None:
    processes = [Permits() for _ in range(4)]
    kind, device, person = traffic(uuid7().hex, 100, 400, allowances.MINUTE), uuid7(), uuid7()
    taken = 0
    for visit in visits:
        with suppress(SlowDown):
            consume(*kind.uses(device, person), now=NOW, permits=processes[visit])
            taken += 1
    assert 100 - 3 * settings.LIMITS_AHEAD <= taken <= 100


def test_far_from_the_limit_most_requests_do_not_query_valkey() -> None:
    uses = allowances.PULL.uses(uuid7(), uuid7())
    counted = []
    for _ in range(9):
        consume(*uses, now=NOW)
        counted.append({int(valkey().get(use.key)) for use in uses})
    assert counted == [{8}] * 8 + [{16}]


def test_counts_taken_ahead_end_with_their_window() -> None:
    permits = Permits()
    permits.keep("a", 2, time.monotonic() + 60)
    permits.keep("b", 2, time.monotonic() - 0.001)
    assert [permits.take(whose) for whose in "aaabb"] == [True, True, False, False, False]


def test_the_number_of_remembered_people_is_bounded() -> None:
    permits = Permits(most=2)
    for whose in "abc":
        permits.keep(whose, 1, time.monotonic() + 60)
    assert [permits.take(whose) for whose in "abc"] == [False, True, True]


@pytest.mark.usefixtures("committed_db", "no_valkey")
def test_exact_at_24_at_once_without_valkey(kind: Callable[..., Traffic]) -> None:
    assert allowed(kind(without_valkey="postgres"), 1, 120) == 5


@pytest.mark.usefixtures("no_valkey")
def test_without_valkey_traffic_declared_open_is_allowed(kind: Callable[..., Traffic]) -> None:
    assert allowed(kind(), 1, 48) == 48


def test_an_unresponsive_valkey_is_not_queried_for_a_while(
    kind: Callable[..., Traffic], settings: Any
) -> None:
    """Otherwise every request would wait for a timeout."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.VALKEY_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        valkey.cache_clear()
        for _ in range(20):
            consume(*kind().uses(uuid7(), uuid7()), now=NOW)
        valkey.cache_clear()
        silent.settimeout(0.1)
        connections = 0
        with suppress(TimeoutError):
            while True:
                silent.accept()[0].close()
                connections += 1
    assert connections <= 2


@pytest.fixture
def ana(circle: Circle) -> FakePhone:
    return FakePhone(circle.ana)


def messages(circle: Circle) -> int:
    set_actor(circle.dana.id)
    return Message.objects.in_scope(circle.group).count()


def test_a_device_over_its_limit_must_slow_down_and_nothing_is_stored(
    circle: Circle, ana: FakePhone
) -> None:
    other = FakePhone(circle.ana)
    use_up(allowances.ACTIONS.device, ana.tokens["session"])
    data = {"id": str(uuid7()), "group": str(circle.group), "text": "hello"}
    assert slowed(ana.do("groups.post_message", data, key := uuid7()))
    assert messages(circle) == 0
    assert "dup" not in answer(other.do("groups.post_message", data, key)), "nothing was stored"
    assert messages(circle) == 1


def test_a_persons_devices_share_a_limit(circle: Circle, ana: FakePhone) -> None:
    use_up(allowances.PULL.account, circle.ana.id)
    ana.register()
    assert slowed(ana.post("/api/v1/sync/pull", {"client_id": ana.client_id}))
    assert FakePhone(circle.ben, registered=True).pull()["epoch"]


def test_exhausted_pulls_do_not_limit_pushes(ana: FakePhone) -> None:
    ana.register()
    use_up(allowances.PULL.device, ana.tokens["session"])
    assert slowed(ana.post("/api/v1/sync/pull", {"client_id": ana.client_id}))
    assert answer(ana.push())["results"] == []


@pytest.mark.django_db
def test_phones_behind_one_address_are_counted_separately(settings: Any) -> None:
    """Behind a carrier's network address translation: one pull per minute each, and all pull."""
    phones = [FakePhone(make_user(), registered=True) for _ in range(8)]
    settings.TRAFFIC_FACTOR = 1 / allowances.PULL.device.most
    for phone in phones:
        assert phone.pull()["epoch"]
        assert phone.post("/api/v1/sync/pull", {"client_id": phone.client_id}).status_code == 429


@pytest.mark.django_db
def test_guessing_tokens_is_limited_by_address() -> None:
    caller = FakePhone(make_user())
    wrong = {"Authorization": "Bearer hra_" + "A" * 43}
    address = {"REMOTE_ADDR": "198.51.100.7"}
    caller.http.defaults.update(address)
    assert caller.post("/api/v1/sync/pull", **wrong).status_code == 401
    use_up(STRANGER, "198.51.100.7/32")
    assert slowed(caller.post("/api/v1/sync/pull", **wrong))
    caller.register()
    assert caller.pull()["epoch"], "a signed-in user is no stranger"
    valkey().delete(Use(STRANGER, "198.51.100.7/32").key)


@pytest.mark.django_db
@pytest.mark.usefixtures("no_valkey")
def test_phones_keep_syncing_while_valkey_is_away() -> None:
    caller = FakePhone(make_user(), registered=True)
    assert caller.pull()["epoch"]
    assert caller.get("sessions").status_code == 200
