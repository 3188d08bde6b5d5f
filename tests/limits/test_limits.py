"""Limits are exact in Valkey and in PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory

from foundation.problems import SlowDown
from foundation.valkey import valkey
from recovery.limits.consume import consume, count, failures_counted
from recovery.limits.limit import Alarm, Limit, Use
from recovery.limits.models import Attempts
from recovery.limits.network import network, networks
from tests.cast import NOW
from tests.limits.counting import count_allowed


@pytest.fixture
def limit() -> Callable[..., Limit]:
    """An unused limit."""
    name = secrets.token_hex(8)
    return lambda most=5, minutes=10, **more: Limit(name, most, timedelta(minutes=minutes), **more)


def test_exact_at_24_at_once(limit: Callable[..., Limit]) -> None:
    assert count_allowed([(Use(limit(), "someone"),)] * 120) == 5


@pytest.mark.usefixtures("committed_db", "no_valkey")
def test_exact_at_24_at_once_without_valkey(limit: Callable[..., Limit]) -> None:
    assert count_allowed([(Use(limit(), "someone"),)] * 120) == 5


@pytest.mark.django_db
@pytest.mark.usefixtures("no_valkey")
def test_in_postgresql_a_window_ends_and_reports_when(limit: Callable[..., Limit]) -> None:
    use = Use(limit(1), "someone")
    consume(use, now=NOW)
    with pytest.raises(SlowDown) as refused:
        consume(use, now=NOW + timedelta(minutes=4))
    assert refused.value.headers == {"Retry-After": "360"}
    consume(use, now=NOW + timedelta(minutes=10))


def test_a_window_that_began_before_the_clock_was_set_back_lasts_no_longer(
    limit: Callable[..., Limit],
) -> None:
    use = Use(limit(1), "someone")
    consume(use, now=NOW)
    # As Valkey then sees it: the counter lives for an hour and ten minutes.
    assert valkey().pexpire(use.key, timedelta(minutes=70))
    with pytest.raises(SlowDown) as refused:
        consume(use, now=NOW)
    assert int(refused.value.headers["Retry-After"]) <= 600


@pytest.mark.django_db
@pytest.mark.usefixtures("no_valkey")
def test_in_postgresql_such_a_window_lasts_no_longer_either(limit: Callable[..., Limit]) -> None:
    refusing, counting = Use(limit(1), "someone"), Use(limit(2), "another")
    consume(refusing, counting, now=NOW + timedelta(hours=1))
    with pytest.raises(SlowDown) as refused:
        consume(refusing, now=NOW)
    assert refused.value.headers == {"Retry-After": "600"}
    consume(counting, now=NOW)
    assert Attempts.objects.get(key=counting.key).until == NOW + timedelta(minutes=10)


class Wrong(Exception):
    """What was tried is wrong."""


def count_wrong(use: Use, tries: int) -> int:
    """How many wrong tries got through, 24 at once."""

    def is_tried(_: int) -> bool:
        try:
            with failures_counted(use, now=NOW, wrong=Wrong):
                raise Wrong  # noqa: TRY301
        except Wrong:
            return True
        except SlowDown:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(24) as threads:
        return sum(threads.map(is_tried, range(tries)))


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("where", ["valkey", "postgresql"])
def test_exactly_so_many_fail_at_24_at_once_and_what_is_right_does_not_count(
    limit: Callable[..., Limit], request: pytest.FixtureRequest, where: str
) -> None:
    if where == "postgresql":
        request.getfixturevalue("no_valkey")
    use = Use(limit(), "someone")
    for _ in range(20):
        with failures_counted(use, now=NOW, wrong=Wrong):
            pass
    with pytest.raises(ZeroDivisionError), failures_counted(use, now=NOW, wrong=Wrong):
        raise ZeroDivisionError  # a failure of ours
    assert count_wrong(use, 120) == 5
    with pytest.raises(SlowDown), failures_counted(use, now=NOW, wrong=Wrong):
        pytest.fail("not even tried")


@pytest.mark.usefixtures("committed_db", "no_valkey")
def test_in_postgresql_a_refused_request_makes_no_row(limit: Callable[..., Limit]) -> None:
    network = Use(limit(1), network="192.0.2.1/32")
    consume(network, Use(limit(), "one address"), now=NOW)
    before = Attempts.objects.count()
    for address in "abc":
        with pytest.raises(SlowDown):
            consume(network, Use(limit(), address), now=NOW)
    assert Attempts.objects.count() == before


def test_an_alarm_is_logged_when_the_number_doubles_and_refuses_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    alarm = Alarm(secrets.token_hex(8), 3, timedelta(hours=1))
    assert [count(alarm) for _ in range(14)] == list(range(1, 15))
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [line["count"] for line in lines if line.get("name") == alarm.name] == [4, 7, 13]


def test_in_valkey_a_window_reports_its_end(limit: Callable[..., Limit]) -> None:
    use = Use(limit(1), "someone")
    consume(use, now=NOW)
    with pytest.raises(SlowDown) as refused:
        consume(use, now=NOW)
    assert 590 <= int(refused.value.headers["Retry-After"]) <= 600


def test_each_caller_has_a_count_of_its_own(limit: Callable[..., Limit]) -> None:
    consume(Use(limit(1), "someone"), now=NOW)
    consume(Use(limit(1), "another"), now=NOW)


def test_the_strictest_of_several_counts(limit: Callable[..., Limit]) -> None:
    uses = Use(limit(5), "an address"), Use(limit(1), "a network")
    consume(*uses, now=NOW)
    with pytest.raises(SlowDown):
        consume(*uses, now=NOW)


@pytest.mark.usefixtures("no_valkey")
def test_a_limit_may_let_everyone_through_without_valkey(limit: Callable[..., Limit]) -> None:
    consume(Use(limit(0, without_valkey="open")), now=NOW)


def test_the_key_identifies_no_one(limit: Callable[..., Limit]) -> None:
    assert b"example" not in Use(limit(), "ana@example.org").key


@pytest.mark.parametrize(
    ("proxies", "forwarded", "peer", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.1", "10.0.0.1/32"),
        (1, "6.6.6.6, 192.0.2.7", "10.0.0.1", "192.0.2.7/32"),
        (2, "6.6.6.6, 192.0.2.7, 10.0.0.9", "10.0.0.1", "192.0.2.7/32"),
        (1, "", "10.0.0.1", "10.0.0.1/32"),
        (1, "2001:db8:1:2:3:4:5:6", "10.0.0.1", "2001:db8:1:2::/64"),
        (0, "", "::ffff:192.0.2.7", "192.0.2.7/32"),
        (0, "", "fe80::1%eth0", "fe80::/64"),
        (1, "nonsense", "10.0.0.1", "unknown"),
    ],
)
def test_the_address_of_a_request(
    settings: Any, proxies: int, forwarded: str, peer: str, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=peer)
    if forwarded:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    assert network(request) == expected


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("2001:db8:1:2:3:4:5:6", ("2001:db8:1:2::/64", "2001:db8:1::/48")),
        ("192.0.2.7", ("192.0.2.7/32",)),
    ],
)
def test_the_networks_of_a_request(settings: Any, peer: str, expected: tuple[str, ...]) -> None:
    settings.TRUSTED_PROXIES = 0
    assert networks(RequestFactory().get("/", REMOTE_ADDR=peer)) == expected
