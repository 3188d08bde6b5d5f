"""The app as the browser keeps it: installed, pushed to, renewed, locked, and in two windows."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Playwright, expect

from tests.clients.ana import BORN, Ana
from tests.webapp.browser_phone import BrowserPhone, installed
from tests.webapp.conftest import OpenPhone
from tests.webapp.evening_group import NAME, open_thread, texts, write
from tests.webapp.evening_group import group as group  # noqa: PLC0414  (a fixture)

PLANTED = "Kaleidoscope at the harbour"
SHOWN = """() => {
  self.shown = []
  self.registration.showNotification = async (...line) => void self.shown.push(line)
}"""
# As Safari does: after the first time, a passkey has to be asked for within the person's tap.
REFUSES_ONCE = """() => {
  const get = navigator.credentials.get.bind(navigator.credentials)
  let tries = 0
  navigator.credentials.get = (...how) => ++tries > 1 && window.event?.type === 'click'
    ? get(...how) : Promise.reject(new DOMException('Refused', 'NotAllowedError'))
}"""
WORDS = "lake violin seventh carpet"


def test_i_put_it_on_my_phone_and_a_push_says_nothing(open_phone: OpenPhone, stack: object) -> None:
    phone = open_phone(permissions=["notifications"])
    phone.go()
    phone.keeps_the_app()
    browser = phone.context.new_cdp_session(phone.page)
    assert browser.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    assert browser.send("Page.getAppManifest")["errors"] == []

    registrations: list[str] = []
    browser.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(
            each["registrationId"] for each in event["registrations"]
        ),
    )
    browser.send("ServiceWorker.enable")
    for _ in range(100):
        if registrations:
            break
        phone.page.wait_for_timeout(50)
    # This browser has nowhere to show it.
    (worker,) = phone.context.service_workers
    worker.evaluate(SHOWN)
    for data in ("Ana missed group", '{"notification": {"title": "Something new", "body": "Ana"}}'):
        push = {"origin": phone.stack.app, "registrationId": registrations[-1], "data": data}
        browser.send("ServiceWorker.deliverPushMessage", push)
    for _ in range(100):
        if len(shown := worker.evaluate("self.shown")) > 1:
            break
        phone.page.wait_for_timeout(50)
    assert [each[0] for each in shown] == ["You have something new", "Something new"]
    assert "Ana" not in str(shown)


def test_a_newer_version_is_offered_and_waits_for_me(anas_phone: BrowserPhone, group: UUID) -> None:
    anas_phone.begin()
    anas_phone.keeps_the_app()
    page = anas_phone.page
    page.evaluate("window.same = true")

    # The same worker under another address is a newer one. A page with the app's policy may not
    # register it.
    anas_phone.context.route("**/bare.html", lambda route: route.fulfill(body="<p>"))
    other = anas_phone.context.new_page()
    other.goto(anas_phone.stack.app + "bare.html")
    other.evaluate("navigator.serviceWorker.register('/sw.js?newer').then(() => 0)")
    other.close()
    anas_phone.says("A better version is ready")
    to_thread(anas_phone)
    page.get_by_role("textbox").fill("Half a thou")
    assert page.evaluate("window.same")
    anas_phone.tap(NAME)
    page.get_by_role("link", name="Today").tap()
    with page.expect_event("load"):
        anas_phone.tap("Use it now")
    open_thread(anas_phone)
    expect(page.get_by_role("textbox")).to_have_value("Half a thou")
    assert page.evaluate("window.same === undefined")


def test_two_windows_show_the_same_and_what_i_do_in_both_arrives_once(
    ana: Ana, group: UUID, anas_phone: BrowserPhone
) -> None:
    anas_phone.begin()
    open_thread(anas_phone)
    one, two = anas_phone.page, anas_phone.context.new_page()
    two.goto(one.url)
    anas_phone.keeps_the_app()
    anas_phone.offline()
    write(anas_phone, "From the first")
    expect(two.get_by_text("From the first")).to_be_visible()
    two.get_by_role("textbox").fill("From the second")
    two.get_by_role("button", name="Send").tap()
    expect(one.get_by_text("From the second")).to_be_visible()
    assert texts(ana) == []
    anas_phone.offline(False)
    for window in (one, two):
        expect(window.get_by_text("Sent, ")).to_have_count(2)
    assert sorted(texts(ana)) == ["From the first", "From the second"]


def to_thread(phone: BrowserPhone) -> None:
    """Without a new start of the app, which would close it."""
    phone.page.get_by_role("link", name=re.compile("^People")).tap()
    phone.tap(NAME)


def plant(phone: BrowserPhone) -> None:
    """Write something while the network is off."""
    phone.keeps_the_app()
    to_thread(phone)
    phone.offline()
    write(phone, PLANTED)
    phone.says("Waiting to send")


def found(folder: Path) -> list[str]:
    """The files of the browser that hold the planted words."""
    forms = [PLANTED.encode(), PLANTED.encode("utf-16-le")]
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


def test_my_four_words_keep_a_found_phone_closed(
    ana: Ana, group: UUID, playwright: Playwright, tmp_path: Path
) -> None:
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.enrol(ana.code, BORN)
        phone.begin()
        phone.go("me/lock")
        phone.page.get_by_label("Four words only you know").check(force=True)
        phone.tap("Use four words")
        for label in ("Four words", "The same four words again"):
            phone.page.get_by_label(label, exact=True).fill(WORDS)
        phone.tap("Use these words")
        expect(phone.page.get_by_label("The same four words again")).to_have_count(0)
        plant(phone)
    assert found(tmp_path) == []
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.offline()
        phone.go()
        phone.title("Closed")
        for words in ("lake violin seven carpet", WORDS):
            phone.page.get_by_label("Your four words").fill(words)
            phone.tap("Open", exact=True)
            if words != WORDS:
                phone.says("That did not open it. Try again.")
        to_thread(phone)
        phone.says(PLANTED)


@pytest.mark.soak
def test_my_finger_opens_the_app(
    ana: Ana, group: UUID, playwright: Playwright, tmp_path: Path
) -> None:
    with installed(playwright, ana.stack, tmp_path) as phone:
        finger = phone.context.new_cdp_session(phone.page)
        finger.send("WebAuthn.enable")
        finger.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "hasPrf": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        phone.enrol(ana.code, BORN)
        phone.begin()
        phone.go("me/lock")
        phone.page.get_by_label("Face or finger").check(force=True)
        phone.tap("Use face or finger")
        phone.page.wait_for_url(lambda url: not url.endswith("/me/lock"))
        plant(phone)
        phone.page.reload()
        phone.title("Closed")
        phone.page.evaluate(REFUSES_ONCE)
        phone.tap("Open with face or finger")
        phone.says("That did not open it. Try again.")
        phone.tap("Open with face or finger")
        phone.says(PLANTED)
    assert found(tmp_path) == []
