"""The app as the browser keeps it: installed, pushed to, renewed, locked, and in two windows."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Playwright, expect

from tests.clients.ana import BORN, GROUP, Ana
from tests.webapp.conftest import OpenPhone
from tests.webapp.evening_group import group as group  # noqa: PLC0414  (a fixture)
from tests.webapp.evening_group import open_thread, texts, to_thread, write
from tests.webapp.phones import installed
from tools.webapp.browser_phone import BrowserPhone
from tools.webapp.owner import WORDS

PLANTED = "Kaleidoscope at the harbour"
PLAIN = "Nobody closes this"
KEEP_PLAIN = """words => new Promise(done => {
  const opening = indexedDB.open('plain')
  opening.onupgradeneeded = () => opening.result.createObjectStore('words').put(words, 1)
  opening.onsuccess = () => done(opening.result.close())
})"""
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
    phone.until(lambda: registrations)
    # This browser has nowhere to show it.
    (worker,) = phone.context.service_workers
    worker.evaluate(SHOWN)
    for data in ("Ana missed group", '{"notification": {"title": "Something new", "body": "Ana"}}'):
        push = {"origin": phone.app, "registrationId": registrations[-1], "data": data}
        browser.send("ServiceWorker.deliverPushMessage", push)
    phone.until(lambda: len(worker.evaluate("self.shown")) > 1)
    shown = worker.evaluate("self.shown")
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
    other.goto(anas_phone.app + "bare.html")
    other.evaluate("navigator.serviceWorker.register('/sw.js?newer').then(() => 0)")
    other.close()
    anas_phone.says("A better version is ready")
    to_thread(anas_phone)
    page.get_by_role("textbox").fill("Half a thou")
    assert page.evaluate("window.same")
    anas_phone.tap(GROUP)
    anas_phone.tap("Today")
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
        expect(window.locator("#main").get_by_text("Sent, ")).to_have_count(2)
    assert sorted(texts(ana)) == ["From the first", "From the second"]


def plant(phone: BrowserPhone) -> None:
    """Write something while the network is off."""
    phone.keeps_the_app()
    to_thread(phone)
    phone.offline()
    write(phone, PLANTED)
    phone.says("Waiting to send")
    phone.page.evaluate(KEEP_PLAIN, PLAIN)


def found(folder: Path, words: str) -> list[str]:
    """The files of the browser that hold these words."""
    forms = [words.encode(), words.encode("utf-16-le")]
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
        phone.use_words(WORDS)
        expect(phone.page.get_by_label("The same four words again")).to_have_count(0)
        plant(phone)
    assert found(tmp_path, PLANTED) == []
    assert found(tmp_path, PLAIN)
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.offline()
        phone.go()
        phone.title("Closed")
        phone.open_with("lake violin seven carpet")
        phone.says("That did not open it. Try again.")
        phone.open_with(WORDS)
        to_thread(phone)
        phone.says(PLANTED)


@pytest.mark.soak
def test_my_finger_opens_the_app(
    ana: Ana, group: UUID, playwright: Playwright, tmp_path: Path
) -> None:
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.knows_my_finger()
        phone.enrol(ana.code, BORN)
        phone.begin()
        phone.go("me/lock")
        phone.use_finger()
        plant(phone)
        phone.page.reload()
        phone.title("Closed")
        phone.page.evaluate(REFUSES_ONCE)
        phone.tap("Open with face or finger")
        phone.says("That did not open it. Try again.")
        phone.tap("Open with face or finger")
        phone.says(PLANTED)
    assert found(tmp_path, PLANTED) == []
    assert found(tmp_path, PLAIN)
