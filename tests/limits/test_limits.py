"""Limits are exact in Valkey and in PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from foundation.problems import SlowDown
from recovery.limits.consume import consume
from recovery.limits.limit import Limit, Use
from recovery.limits.network import network
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
    assert b"ana" not in Use(limit(), "ana@example.org").key


@pytest.mark.parametrize(
    ("proxies", "forwarded", "peer", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.1", "10.0.0.1/32"),
        (1, "6.6.6.6, 192.0.2.7", "10.0.0.1", "192.0.2.7/32"),
        (2, "6.6.6.6, 192.0.2.7, 10.0.0.9", "10.0.0.1", "192.0.2.7/32"),
        (1, "", "10.0.0.1", "10.0.0.1/32"),
        (1, "2001:db8:1:2:3:4:5:6", "10.0.0.1", "2001:db8:1:2::/64"),
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
