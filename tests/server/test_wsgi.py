"""A request reaches Django as it was sent."""

from __future__ import annotations

from typing import Any

from django.core.handlers.wsgi import WSGIRequest

from server.wsgi import environ


def request(headers: list[tuple[bytes, bytes]], **more: Any) -> WSGIRequest:
    scope = {
        "method": "POST",
        "raw_path": b"/api/v1/a",
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", 5000),
        "headers": headers,
    }
    return WSGIRequest(environ(scope | more, b"body"))


def test_a_request_arrives_as_it_was_sent() -> None:
    got = request(
        [
            (b"host", b"example.org"),
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"4"),
            (b"x-forwarded-for", b"198.51.100.1"),
            (b"x-forwarded-for", b"198.51.100.2"),
            (b"cookie", b"a=1"),
            (b"cookie", b"b=2"),
            (b"x-name", "José".encode("latin-1")),
        ],
        raw_path=b"/api/v1/a%20b/%C3%A9",
        query_string=b"q=%C3%A9&n=1",
    )
    assert (got.path, got.GET.dict()) == ("/api/v1/a b/é", {"q": "é", "n": "1"})
    assert (got.body, got.content_type) == (b"body", "application/json")
    assert got.headers["X-Forwarded-For"] == "198.51.100.1,198.51.100.2"
    assert got.COOKIES == {"a": "1", "b": "2"}
    assert got.headers["X-Name"] == "José"
    assert (got.META["REMOTE_ADDR"], got.META["CONTENT_LENGTH"]) == ("192.0.2.7", "4")


def test_an_underscore_cannot_imitate_a_header_of_the_proxy() -> None:
    got = request([(b"x_forwarded_for", b"203.0.113.1"), (b"content_length", b"9")])
    assert "X-Forwarded-For" not in got.headers
    assert got.body == b"body"


def test_a_path_that_is_no_utf_8_is_no_failure() -> None:
    assert request([], raw_path=b"/%ff").path == "/%FF"


def test_a_client_without_an_address_has_none() -> None:
    assert request([], client=None).META["REMOTE_ADDR"] == ""
