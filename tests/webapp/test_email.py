"""Signing in with a code by e-mail."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.webapp.conftest import OpenPhone


def test_i_mend_the_address_that_i_typed(open_phone: OpenPhone) -> None:
    phone = open_phone()
    phone.go()
    phone.tap("I have used this before")
    address = phone.page.get_by_label("Your email address")
    address.fill("ana@mail")
    refusal = {"status": 400, "content_type": "application/problem+json"}
    phone.page.route(
        "**/auth/code/request", lambda route: route.fulfill(**refusal, body='{"code": "invalid"}')
    )
    phone.tap("Send me a code")
    phone.says("Check the address. It needs an @ and a dot.")
    phone.page.unroute("**/auth/code/request")
    address.fill("ana@mail.example")
    phone.tap("Send me a code")
    phone.title("Look in your email")
    phone.tap("Back")
    expect(address).to_have_value("ana@mail.example")
