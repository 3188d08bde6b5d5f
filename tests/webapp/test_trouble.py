"""What a bad network, a bad server, a full phone and a lost phone do to what I wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Playwright, Route, expect

from recovery.feed.context import set_actor
from recovery.signin.models import DeviceSession
from tests.cast import act
from tests.clients.ana import BORN, Ana
from tests.webapp.conftest import OpenPhone
from tests.webapp.evening_group import group as group  # noqa: PLC0414  (a fixture)
from tests.webapp.evening_group import open_thread, said_by_dana, texts, write
from tests.webapp.phones import installed
from tools.webapp.browser_phone import BrowserPhone

HELD = """async () => ({
  caches: (await caches.keys()).filter(name => !name.includes('precache')),
  local: Object.keys(localStorage), session: Object.keys(sessionStorage),
})"""


def lost(route: Route) -> None:
    """The server does what was asked, and its answer is lost."""
    route.fetch()
    route.abort("connectionreset")


def half(route: Route) -> None:
    response = route.fetch()
    route.fulfill(status=200, content_type="application/json", body=response.text()[:20])


Fault = Callable[[Route], None]
NEVER_ARRIVES: list[Fault] = [
    lambda route: route.fulfill(status=500, body="<h1>Server Error (500)</h1>"),
    lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}, body=""),
    lambda route: route.fulfill(status=200, content_type="text/html", body="<p>Pay for the Wi-Fi"),
    lambda route: route.fulfill(status=200, content_type="application/json", body='{"results": 7}'),
    lambda route: route.fulfill(status=404, body="{}"),
]
ARRIVES: list[Fault] = [half, lost]


@pytest.mark.soak
def test_a_server_that_answers_nonsense_loses_nothing(
    ana: Ana, group: UUID, open_phone: OpenPhone
) -> None:
    # What goes through a worker cannot be changed here.
    phone = open_phone(service_workers="block")
    phone.enrol(ana.code, BORN)
    phone.begin()
    open_thread(phone)
    faults, is_calm = list(NEVER_ARRIVES), False

    def answer(route: Route) -> None:
        if faults:
            faults.pop(0)(route)
        elif is_calm:
            route.continue_()
        else:
            route.abort()

    def tries_on(*untrue: str) -> bool:
        """It tries once more, and meanwhile says nothing that is not so."""
        phone.page.evaluate("dispatchEvent(new Event('online'))")
        expect(phone.page.get_by_text("I am still here")).to_be_visible()
        for words in untrue:
            expect(phone.page.get_by_text(words)).to_have_count(0)
        return True

    phone.context.route("**/sync/push", answer)
    write(phone, "I am still here")
    phone.until(lambda: tries_on("Sent, ", "Not sent") and not faults)
    assert texts(ana) == []
    faults += ARRIVES
    phone.until(lambda: tries_on("Not sent") and texts(ana))
    is_calm = True
    tries_on("Not sent")
    phone.says("Sent, ")
    assert texts(ana) == ["I am still here"]


def test_hostile_words_are_only_words(ana: Ana, group: UUID, anas_phone: BrowserPhone) -> None:
    hostile = [
        "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>",
        "javascript:alert(1) &lt;b&gt; ${1} {{2}}",
        "\u202egnp.exe\u2066 txt \u200b\u200d\ufeff",
        "w" * 4000,
    ]
    for text in hostile:
        said_by_dana(ana, group, text)
    anas_phone.begin()
    open_thread(anas_phone)
    anas_phone.says("onerror")
    anas_phone.says("javascript:alert(1) &lt;b&gt; ${1} {{2}}")
    page = anas_phone.page
    assert page.title() != "owned"
    assert page.locator("main script, main img[src=x], a[href^='javascript']").count() == 0
    expect(page.get_by_text("w" * 4000)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.soak
def test_a_full_phone_says_so_and_my_words_stay_in_the_box(
    ana: Ana, group: UUID, playwright: Playwright, tmp_path: Path
) -> None:
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.enrol(ana.code, BORN)
        phone.begin()
        open_thread(phone)
    # A browser that has stored something believes for half a minute that there is room.
    with installed(playwright, ana.stack, tmp_path) as phone:
        browser = phone.context.new_cdp_session(phone.page)
        origin = ana.stack.app.rstrip("/")
        browser.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 1})
        open_thread(phone)
        write(phone, "The bus is late")
        phone.says("There is no room on this phone.")
        expect(phone.page.get_by_role("textbox")).to_have_value("The bus is late")
        browser.send("Storage.overrideQuotaForOrigin", {"origin": origin})
        phone.tap("Send")
        phone.says("Sent, ")
    assert texts(ana) == ["The bus is late"]


def test_a_lost_phone_is_erased_and_says_so(
    ana: Ana, group: UUID, anas_phone: BrowserPhone
) -> None:
    anas_phone.begin()
    open_thread(anas_phone)
    with transaction.atomic():
        set_actor(ana.user.id)
        (session,) = DeviceSession.objects.in_scope(ana.user.id)
    before = anas_phone.databases()
    act(ana.user, "people.report_phone_lost", now=timezone.now(), session=session.id)
    anas_phone.title("This phone was signed out")
    anas_phone.says("Everything here was erased")
    (data,) = (name for name in before if name != "handrail-vault")
    anas_phone.until(lambda: data not in anas_phone.databases())
    held = anas_phone.page.evaluate(HELD)
    assert (held["caches"], held["session"]) == ([], [])
    assert not any("unsent" in name for name in held["local"])
    anas_phone.tap("Help")
    expect(anas_phone.page.locator('a[href="tel:988"]').first).to_be_visible()
