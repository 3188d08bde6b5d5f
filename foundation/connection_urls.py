"""What DATABASE_URL, VALKEY_URL and EMAIL_URL say. Nothing in them is silently ignored.

A password or an order to check a certificate that gets lost on the way is only noticed when it is
too late. So a part that is not understood stops the process at start-up, and so does a connection
to another machine without TLS, unless the operator has allowed it.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from redis.connection import URL_QUERY_ARGUMENT_PARSERS, parse_url

SERVICES = ("postgresql", "valkey", "smtp")
# libpq checks the server's certificate only in the last two modes.
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
VERIFIED = SSL_MODES[-2:]
VALKEY_TLS = (
    "ssl_cert_reqs",
    "ssl_ca_certs",
    "ssl_ca_path",
    "ssl_certfile",
    "ssl_keyfile",
    "ssl_password",
    "ssl_check_hostname",
    "ssl_min_version",
    "ssl_ciphers",
)
VALKEY_OTHER = ("db", "client_name", "protocol", *URL_QUERY_ARGUMENT_PARSERS)
SMTP_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


class NotUnderstood(ValueError):
    """The URL cannot be used as it is. The text says what to change and shows no secret."""


def postgresql(url: str) -> dict[str, str]:
    """All parameters of a libpq URL by libpq's names: host, port, user, password, dbname, sslmode …

    Raises NotUnderstood for a parameter that libpq does not know, and for `options`.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise NotUnderstood("DATABASE_URL must begin with postgresql://")
    try:
        parameters = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except ProgrammingError as error:
        # libpq quotes the parameter that it does not know, and sometimes the whole URL.
        raise NotUnderstood(f"DATABASE_URL: {_without_secrets(str(error), url)}") from None
    if "options" in parameters:
        raise NotUnderstood("DATABASE_URL: `options` is set by Handrail, so leave it out.")
    # libpq reads these values only when it connects.
    if parameters.get("sslmode", "prefer") not in SSL_MODES:
        raise NotUnderstood(f"DATABASE_URL: `sslmode` is one of {', '.join(SSL_MODES)}.")
    if not re.fullmatch(r"[0-9,]*", parameters.get("port", "")):
        raise NotUnderstood("DATABASE_URL: the port is no number.")
    return parameters


def check_postgresql(parameters: Mapping[str, Any]) -> None:
    """Raises NotUnderstood if the connection leaves this machine without a checked certificate."""
    hosts = [*str(parameters.get("host", "")).split(","), *_parts(parameters.get("hostaddr"))]
    if not all(map(is_local, hosts)) and parameters.get("sslmode") not in VERIFIED:
        raise NotUnderstood(_no_tls("DATABASE_URL", "?sslmode=verify-full&sslrootcert=…", 0))


def check_valkey(url: str, *, may_be_plain: bool) -> None:
    """Raises NotUnderstood for a URL that the client cannot use, or that leaves this machine
    without a checked certificate."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise NotUnderstood("VALKEY_URL must begin with redis://, rediss:// or unix://")
    known = (*VALKEY_OTHER, *(VALKEY_TLS if parts.scheme == "rediss" else ()))
    _refuse_others("VALKEY_URL", parts, known)
    try:
        options = dict(parse_url(url))
    except ValueError:
        raise NotUnderstood("VALKEY_URL has a value that cannot be read.") from None
    if parts.scheme == "unix" or is_local(parts.hostname or "") or may_be_plain:
        return
    # redis-py checks the certificate and its name unless the URL says not to.
    is_checked = (
        options.get("ssl_cert_reqs", "required") == "required"
        and options.get("ssl_check_hostname", True) is True
    )
    if parts.scheme != "rediss" or not is_checked:
        raise NotUnderstood(_no_tls("VALKEY_URL", "rediss:// and no ssl_cert_reqs", 1))


@dataclass(frozen=True)
class SmtpServer:
    """`scheme`: smtp (no encryption), smtp+tls (STARTTLS) or smtps. `timeout`: seconds."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    timeout: float
    ca_file: str | None

    def tls(self) -> ssl.SSLContext:
        """Checks the certificate and its name."""
        return ssl.create_default_context(cafile=self.ca_file)


def smtp(url: str) -> SmtpServer:
    """`smtp+tls://user:password@host:port?timeout=10&ca_file=/path`. Raises NotUnderstood."""
    parts = urlsplit(url)
    if parts.scheme not in SMTP_PORTS or not parts.hostname:
        raise NotUnderstood("EMAIL_URL must begin with smtp+tls://, smtps:// or smtp://")
    if parts.path.strip("/"):
        raise NotUnderstood("EMAIL_URL has a path, which means nothing here.")
    query = _refuse_others("EMAIL_URL", parts, ("timeout", "ca_file"))
    try:
        port, timeout = parts.port, float(query.get("timeout", "10"))
    except ValueError:
        raise NotUnderstood("EMAIL_URL: the port or the timeout is no number.") from None
    if not 1 <= timeout <= 30:
        raise NotUnderstood("EMAIL_URL: `timeout` is from 1 to 30 seconds.")
    return SmtpServer(
        parts.scheme,
        parts.hostname,
        port or SMTP_PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        timeout,
        query.get("ca_file"),
    )


def check_smtp(server: SmtpServer) -> None:
    """Raises NotUnderstood if e-mail leaves this machine unencrypted."""
    if server.scheme == "smtp" and not is_local(server.host):
        raise NotUnderstood(_no_tls("EMAIL_URL", "smtp+tls:// or smtps://", 2))


def is_local(host: str) -> bool:
    """Whether a connection to `host` stays on this machine: a socket, or a loopback address."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_others(name: str, parts: SplitResult, known: tuple[str, ...]) -> dict[str, str]:
    """The query. Raises NotUnderstood for a parameter that is not in `known`."""
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(query.keys() - set(known))
    if unknown or parts.fragment:
        what = ", ".join(unknown) or "#"
        raise NotUnderstood(f"{name}: {what} is not understood. Known: {', '.join(known)}.")
    return query


def _no_tls(name: str, instead: str, service: int) -> str:
    return (
        f"{name} leads to another machine without a checked certificate. Use {instead}. If nobody"
        f" can listen on the way, allow it with PLAINTEXT_ALLOWED={SERVICES[service]}."
    )


def _parts(value: Any) -> list[str]:
    return str(value).split(",") if value else []


def _without_secrets(text: str, url: str) -> str:
    password = urlsplit(url).password
    shown = text.replace(url, "…")
    return shown.replace(password, "…") if password else shown
