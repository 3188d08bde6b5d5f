"""DATABASE_URL, VALKEY_URL and EMAIL_URL: all that they say is obeyed, or refused at start-up."""

from __future__ import annotations

import inspect
import os
import ssl
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from django.db import connections
from environs import Env
from redis.asyncio.connection import SSLConnection as AsyncSSLConnection
from redis.connection import SSLConnection

from foundation.connection_urls import (
    NotUnderstood,
    check_postgresql,
    check_smtp,
    check_valkey,
    is_local,
    postgresql,
    smtp,
)
from foundation.postgresql.conninfo import conninfo
from foundation.valkey import valkey
from recovery.live.hub import Hub
from server.database import database

AWAY = "postgresql://app:se%40cret@db.example.org:6432/handrail"
TLS = "sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=3"


@pytest.mark.parametrize("role", ["app", "jobs", "pump", "owner"])
def test_every_parameter_reaches_libpq(monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    for name in ("DATABASE_URL", f"DATABASE_URL_{role.upper()}"):
        monkeypatch.setenv(name, f"{AWAY}?{TLS}")
    configured = database(Env(), role)
    assert (configured["USER"], configured["PASSWORD"]) == ("app", "se@cret")
    assert (configured["HOST"], configured["PORT"]) == ("db.example.org", "6432")
    expected = {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem", "connect_timeout": "3"}
    assert expected.items() <= configured["OPTIONS"].items()


def test_no_process_uses_a_standby_unless_the_url_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for query, expected in (("", "primary"), ("&target_session_attrs=any", "any")):
        monkeypatch.setenv("DATABASE_URL", f"{AWAY}?{TLS}{query}")
        assert database(Env(), "app")["OPTIONS"]["target_session_attrs"] == expected


def test_the_pools_of_live_and_pump_connect_as_django_does(settings: Any) -> None:
    options = settings.DATABASES["default"]["OPTIONS"] | {"sslmode": "verify-full"}
    changed = settings.DATABASES["default"] | {"OPTIONS": options}
    settings.DATABASES = {"default": changed}
    text = conninfo(options="-c lock_timeout=1", application_name="test")
    parameters = psycopg.conninfo.conninfo_to_dict(text)
    assert parameters["sslmode"] == "verify-full"
    assert parameters["options"] == "-c lock_timeout=1"


@pytest.fixture
def with_tls_required(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The settings of a server whose DATABASE_URL requires TLS. PostgreSQL has none here."""
    url = os.environ["DATABASE_URL"]
    monkeypatch.setenv("DATABASE_URL", url + ("&" if "?" in url else "?") + "sslmode=require")
    return database(Env(), "app")


def test_web_refuses_to_connect_without_the_tls_that_is_required(
    with_tls_required: dict[str, Any],
) -> None:
    options = {k: v for k, v in with_tls_required["OPTIONS"].items() if k != "pool"}
    change = with_tls_required | {"OPTIONS": options}
    serving = connections["default"]
    web = type(serving)(serving.settings_dict | change, "default")
    with pytest.raises(psycopg.OperationalError, match="SSL"):
        web.connect()


def test_live_and_pump_refuse_to_connect_without_the_tls_that_is_required(
    settings: Any, with_tls_required: dict[str, Any]
) -> None:
    settings.DATABASES = {"default": with_tls_required}
    with pytest.raises(psycopg.OperationalError, match="SSL"):
        psycopg.connect(conninfo(options="", application_name="test"))


@pytest.mark.parametrize(
    "url",
    [
        "mysql://app@127.0.0.1/handrail",
        f"{AWAY}?sslmoed=verify-full",
        f"{AWAY}?sslmode=verify-ful",
        f"{AWAY}?options=-c%20statement_timeout%3D0",
        "postgresql://app:se%40cret@db.example.org:many/handrail",
    ],
)
def test_what_is_not_understood_is_refused_without_showing_the_password(url: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        postgresql(url)
    assert "cret" not in str(refused.value)


@pytest.mark.parametrize("query", ["", "?sslmode=require", "?sslmode=prefer", "?sslmode=disable"])
def test_postgresql_elsewhere_needs_a_checked_certificate(query: str) -> None:
    with pytest.raises(NotUnderstood, match="PLAINTEXT_ALLOWED=postgresql"):
        check_postgresql(postgresql(AWAY + query))
    check_postgresql(postgresql(f"{AWAY}?{TLS}"))


@pytest.mark.parametrize(
    "url",
    [
        "redis://cache.example.org/0",
        "rediss://cache.example.org/0?ssl_cert_reqs=none",
        "rediss://cache.example.org/0?ssl_cert_reqs=optional",
        "rediss://cache.example.org/0?ssl_check_hostname=false",
    ],
)
def test_valkey_elsewhere_needs_a_checked_certificate(url: str) -> None:
    with pytest.raises(NotUnderstood, match="PLAINTEXT_ALLOWED=valkey"):
        check_valkey(url, may_be_plain=False)
    check_valkey(url, may_be_plain=True)


def test_valkey_urls_that_are_fine() -> None:
    for url in (
        "redis://:password@127.0.0.1:6379/0?socket_timeout=2",
        "unix:///run/valkey.sock?db=1",
        "rediss://:password@cache.example.org/0?ssl_ca_certs=/etc/ca.pem",
    ):
        check_valkey(url, may_be_plain=False)


@pytest.mark.parametrize(
    "url",
    ["valkey://127.0.0.1", "redis://127.0.0.1?tls=yes", "redis://127.0.0.1?ssl_ca_certs=/etc/ca"],
)
def test_a_valkey_url_that_is_not_understood(url: str) -> None:
    with pytest.raises(NotUnderstood, match="VALKEY_URL"):
        check_valkey(url, may_be_plain=True)


def test_an_email_url_says_how_to_connect() -> None:
    server = smtp("smtp+tls://ana:p%40ss@mail.example.org?timeout=4&ca_file=/etc/ca.pem")
    assert (server.scheme, server.host, server.port) == ("smtp+tls", "mail.example.org", 587)
    assert (server.user, server.password) == ("ana", "p@ss")
    assert (server.timeout, server.ca_file) == (4.0, "/etc/ca.pem")
    check_smtp(server)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "smtp+tls://",
        "smtps://mail.example.org?tls=no",
        "smtps://mail.example.org?timeout=soon",
        "smtps://mail.example.org?timeout=0",
        "smtps://mail.example.org/inbox",
    ],
)
def test_an_email_url_that_is_not_understood(url: str) -> None:
    with pytest.raises(NotUnderstood, match="EMAIL_URL"):
        smtp(url)


def test_email_elsewhere_is_encrypted() -> None:
    with pytest.raises(NotUnderstood, match="PLAINTEXT_ALLOWED=smtp"):
        check_smtp(smtp("smtp://mail.example.org"))
    check_smtp(smtp("smtp://127.0.0.1:2525"))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("", True),
        ("/run/postgresql", True),
        ("localhost", True),
        ("127.0.0.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
    ],
)
def test_what_stays_on_this_machine(host: str, expected: bool) -> None:
    assert is_local(host) is expected


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"DATABASE_URL": AWAY}, "PLAINTEXT_ALLOWED=postgresql"),
        ({"VALKEY_URL": "redis://cache.example.org"}, "PLAINTEXT_ALLOWED=valkey"),
        ({"EMAIL_URL": "smtp://mail.example.org"}, "PLAINTEXT_ALLOWED=smtp"),
        ({"EMAIL_URL": "smtps://mail.example.org?tls=1"}, "tls is not understood"),
        (
            {"DATABASE_URL": AWAY, "PLAINTEXT_ALLOWED": "postgresql"},
            "",
        ),
    ],
)
def test_the_process_does_not_start(changed: dict[str, str], sentence: str) -> None:
    started = subprocess.run(
        [sys.executable, "-c", "import server.settings"],
        env=os.environ | {"DATABASE_ROLE": "app"} | changed,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (started.returncode == 0) is not bool(sentence), started.stderr
    assert sentence in started.stderr
    assert "cret" not in started.stderr


def test_every_client_of_valkey_checks_the_certificate(settings: Any) -> None:
    """Web, and the two connections of live. A TLS server with another certificate is refused."""
    settings.VALKEY_URL = "rediss://:password@cache.example.org:6390/0?ssl_ca_certs=/etc/ca.pem"
    valkey.cache_clear()
    web, live = valkey(), Hub()
    valkey.cache_clear()
    for pool in (web.connection_pool, live.valkey.connection_pool, live.pubsub._pool):
        expected = {"host": "cache.example.org", "port": 6390, "ssl_ca_certs": "/etc/ca.pem"}
        assert expected.items() <= pool.connection_kwargs.items()
        assert issubclass(pool.connection_class, (SSLConnection, AsyncSSLConnection))
        parameters = inspect.signature(pool.connection_class.__init__).parameters
        assert parameters["ssl_cert_reqs"].default == "required"
        assert parameters["ssl_check_hostname"].default is True


def test_smtp_checks_the_certificate_and_its_name() -> None:
    context = smtp("smtps://mail.example.org").tls()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
