"""My own things on Ana's phone: reminders, sharing, record, phones, and what waits to be sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Locator, expect
from uuid_utils.compat import uuid7

from notifications.models import BrowserKey, PushRegistration
from recovery.feed.context import set_actor
from recovery.signin.models import DeviceSession, User
from tests.cast import act, sign_in
from tests.cast.reading import bodies, documents, seq
from tests.clients.ana import GROUP, Ana, confirm_notice, join_group
from tests.roles import set_scene
from tests.signin.ceremony import mailed_code
from tests.webapp.conftest import OpenPhone
from tests.webapp.phones import come_in_by_email
from tools.webapp.browser_phone import BrowserPhone

pytestmark = pytest.mark.soak

SHOW = "Show a line when something is new"
SUBSCRIPTION = """navigator.serviceWorker.getRegistration()
  .then((worker) => worker.pushManager.getSubscription())"""
SET = "care.set_reminder_preferences"
ADDRESS = "ana@example.org"
# As servers say their key.
VAPID = "BNn_TDiaopo27OLgnothKQMneDuJ5_XMdVLzzhLD5Su9ykGnHkPSATHgYG1WMQSc9zwUyfkUWmXyiiiMopqAyc0"


@pytest.fixture
def phone(ana: Ana, anas_phone: BrowserPhone) -> BrowserPhone:
    """Past the first pages; the notice is acknowledged."""
    confirm_notice(ana)
    anas_phone.begin()
    return anas_phone


def leads(ana: Ana) -> list[int]:
    (preferences,) = bodies(ana.user, "reminder_preferences")
    return sorted(preferences["lead_minutes"])


def switch(phone: BrowserPhone, name: str) -> Locator:
    return phone.page.get_by_role("switch", name=name)


def to_waiting(phone: BrowserPhone) -> None:
    """By links: a page that is loaded again begins with another connection."""
    phone.tap("Me", exact=True)
    phone.tap("Waiting to send")


def test_i_change_my_reminders_with_no_signal(ana: Ana, phone: BrowserPhone) -> None:
    phone.go("me/reminders")
    expect(switch(phone, "An hour before")).to_be_checked()
    phone.offline()
    switch(phone, "2 hours before").tap()
    phone.says("Saved on this phone")
    switch(phone, "15 minutes before").tap()
    expect(switch(phone, "15 minutes before")).to_be_checked()
    to_waiting(phone)
    # Two changes are one thing.
    expect(phone.page.get_by_role("button", name="Take back")).to_have_count(1)
    phone.offline(False)
    phone.says("Everything is sent.")
    assert {15, 120} < set(leads(ana))


def test_i_choose_whom_i_would_call_with_no_signal(phone: BrowserPhone) -> None:
    phone.offline()
    phone.tap("Me", exact=True)
    phone.tap("People to call")
    phone.says("No one is here yet")
    add_person(phone, "Dee", "555-0123")
    add_person(phone, "Sam", "555-0145")
    phone.tap("Sam")
    phone.fill("Phone number", "555-0199")
    phone.tap("Save", exact=True)
    phone.tap("Sam")
    phone.tap("Put first")
    expect(people_to_call(phone)).to_have_text(["Sam555-0199Change", "Dee555-0123Change"])
    phone.tap("Dee")
    phone.tap("Remove")
    phone.says("You removed Dee")
    expect(people_to_call(phone)).to_have_count(1)
    phone.tap("Put back")
    expect(people_to_call(phone)).to_have_count(2)
    phone.tap("Sam")
    phone.tap("Remove")
    phone.says("You removed Sam")
    phone.tap("Help", exact=True)
    phone.sees("Call Dee")
    expect(phone.page.get_by_role("link", name="Call Sam")).to_have_count(0)


def add_person(phone: BrowserPhone, name: str, number: str) -> None:
    phone.tap("Add a person")
    phone.fill("Name", name)
    phone.fill("Phone number", number)
    phone.page.get_by_role("dialog").get_by_role("button", name="Add a person").tap()
    expect(phone.page.get_by_role("dialog")).to_have_count(0)


def people_to_call(phone: BrowserPhone) -> Locator:
    return phone.page.locator(".rows .row")


def test_i_take_back_what_waits_and_send_it_after_all(ana: Ana, phone: BrowserPhone) -> None:
    act(ana.user, SET, now=timezone.now(), lead_minutes=[60])
    phone.go("me/reminders")
    expect(switch(phone, "The day before")).not_to_be_checked()
    phone.offline()
    switch(phone, "The day before").tap()
    to_waiting(phone)
    phone.tap("Take back")
    phone.says("You took this back")
    phone.tap("Send it after all")
    expect(phone.page.get_by_role("button", name="Take back")).to_have_count(1)
    phone.tap("Take back")
    phone.says("You took this back")
    phone.offline(False)
    # What comes after it arrives, and it has not.
    phone.go("me/reminders")
    switch(phone, "15 minutes before").tap()
    phone.until(lambda: leads(ana) != [60])
    assert leads(ana) == [15, 60]


@pytest.mark.parametrize(
    ("choice", "kept"), [("Keep mine", [60, 120]), ("Keep the other", [15, 60])]
)
def test_i_changed_my_reminders_on_two_phones(
    ana: Ana, phone: BrowserPhone, choice: str, kept: list[int]
) -> None:
    act(ana.user, SET, now=timezone.now(), lead_minutes=[60])
    phone.go("me/reminders")
    expect(switch(phone, "The day before")).not_to_be_checked()
    phone.offline()
    switch(phone, "2 hours before").tap()
    act(ana.user, SET, now=timezone.now(), lead_minutes=[60, 15])
    phone.offline(False)
    phone.says("You changed this on another phone too.")
    phone.tap("See both")
    phone.says("2 hours before and an hour before")
    phone.says("An hour before and 15 minutes before")
    phone.tap(choice)
    phone.says("Everything is sent.")
    assert leads(ana) == kept


def test_my_words_are_kept_when_they_could_not_be_sent(ana: Ana, phone: BrowserPhone) -> None:
    join_group(ana)
    phone.go("people")
    phone.tap(GROUP)
    phone.offline()
    phone.page.get_by_role("textbox").fill("See you on Monday")
    phone.tap("Send")
    phone.says("Waiting to send")
    cards = documents(ana.user, "member_card")
    (card,) = [each["id"] for each in cards if each["alias"] == "Heron"]
    act(ana.dana, "groups.remove_member", now=timezone.now(), card=card)
    phone.offline(False)
    phone.go("me/waiting")
    phone.says(f"Message to {GROUP}")
    phone.says("Not sent. ")
    phone.says("“See you on Monday”")
    phone.tap("Delete")
    phone.tap("Keep it")
    phone.tap("Delete")
    phone.tap("Delete it")
    phone.says("Nothing is waiting")


def test_i_changed_a_message_on_two_phones_and_join_both(ana: Ana, phone: BrowserPhone) -> None:
    group, message = join_group(ana), uuid7()
    words = {"id": message, "group": group, "text": "I come on Monday"}
    act(ana.user, "groups.post_message", now=timezone.now(), **words)
    phone.go("people")
    phone.tap(GROUP)
    phone.says("I come on Monday")
    phone.page.get_by_label("More for your message").tap()
    phone.tap("Change it")
    phone.offline()
    phone.page.get_by_role("textbox").fill("I come on Tuesday")
    phone.tap("Send")
    phone.says("I come on Tuesday")
    base = {f"message/{message}": seq(ana.user, group, "message", message)}
    other = {"message": message, "text": "I come with Lee"}
    act(ana.user, "groups.edit_message", now=timezone.now(), base=base, **other)
    phone.offline(False)
    phone.go("me/waiting")
    phone.tap("See both")
    phone.says("I come on Tuesday")
    phone.says("I come with Lee")
    phone.tap("Make one from both")
    phone.page.get_by_label("Your words").fill("I come with Lee on Tuesday")
    phone.tap("Send", exact=True)
    phone.says("Everything is sent.")
    (kept,) = bodies(ana.user, "message")
    assert kept["text"] == "I come with Lee on Tuesday"


def test_i_stop_sharing_with_my_group_with_no_signal(ana: Ana, phone: BrowserPhone) -> None:
    join_group(ana)
    phone.go("me/sharing")
    phone.tap(GROUP)
    phone.offline()
    phone.tap("Stop sharing")
    phone.page.get_by_role("dialog").get_by_role("button", name="Stop sharing").tap()
    phone.says("You stopped this. Waiting to send.")
    assert states(ana) == ["active"]
    phone.offline(False)
    phone.says("Ended ")
    assert states(ana) == ["revoked"]
    assert bodies(ana.user, "group") == []


def test_i_ask_for_a_correction_and_read_the_answer(ana: Ana, phone: BrowserPhone) -> None:
    phone.go("me/record")
    phone.tap("Ask for a correction")
    phone.page.get_by_label("What is wrong, and what is right?").fill("I was born in May.")
    # What I type outlives the app.
    phone.page.reload()
    expect(phone.page.get_by_role("textbox")).to_have_value("I was born in May.")
    phone.page.get_by_text("Born", exact=True).tap()
    phone.tap("Ask for it")
    phone.says("No answer yet")
    expect(phone.page.get_by_text("Asked on")).to_be_visible()
    (request,) = documents(ana.user, "correction_request")
    assert (request["field"], request["wanted"]) == ("date_of_birth", "I was born in May.")
    act(
        ana.dana,
        "care.answer_correction_request",
        now=timezone.now(),
        request=request["id"],
        accepted=False,
        reason="Your papers say April.",
    )
    phone.says("“Your papers say April.”")
    phone.says("Not changed")


def test_i_sign_out_a_phone_that_i_lost(ana: Ana, phone: BrowserPhone) -> None:
    User.objects.filter(id=ana.user.id).update(email=ADDRESS)
    lost = sign_in(ana.user, now=timezone.now(), name="Old phone")
    an_hour_later(ana)
    phone.go("me/devices")
    phone.tap("Sign out Old phone")
    phone.tap("I lost it")
    # Not by anyone who only holds this phone.
    phone.says(f"It goes to {ADDRESS}.")
    phone.tap("Send me a code")
    phone.page.get_by_label("Code").fill("AAAA-AAAA")
    phone.tap("Go on")
    phone.says("That code did not work.")
    phone.page.get_by_label("Code").fill(mailed_code(ana.user.id))
    phone.tap("Go on")
    phone.says("You reported it lost")
    sessions = documents(ana.user, "device_session")
    (session,) = [each for each in sessions if each["id"] == lost["session"]]
    assert session["revoked_at"]
    assert session["wipe_requested_at"]


def test_what_i_sign_out_from_here_closes_there(
    ana: Ana, phone: BrowserPhone, open_phone: OpenPhone
) -> None:
    other = open_phone()
    other.go()
    come_in_by_email(other, ana)
    other.begin()
    phone.go("me/devices")
    phone.tap("Sign out Web app")
    phone.tap("Sign it out")
    phone.says("You signed it out")
    # Without a word from its owner.
    other.title("Sign in again")
    other.says("What you saved here is still here, and closed")
    phone.tap("Me", exact=True)
    phone.says("Only this one")


def test_a_phone_that_i_sign_out_is_reached_no_more(ana: Ana, phone: BrowserPhone) -> None:
    shows_a_line(phone)
    assert registrations(ana) == 1
    phone.tap("Me", exact=True)
    phone.tap("My phones")
    sign_out(phone)
    phone.says("Enter your code")
    assert registrations(ana) == 0
    assert phone.page.evaluate(SUBSCRIPTION) is None


def test_i_have_a_line_shown_when_something_is_new(ana: Ana, phone: BrowserPhone) -> None:
    shows_a_line(phone)
    assert registrations(ana) == 1
    with phone.page.expect_response("**/people.unregister_push"):
        switch(phone, SHOW).tap()
    expect(switch(phone, SHOW)).not_to_be_checked()
    assert registrations(ana) == 0
    # The next start finds that the browser has lost what it had.
    switch(phone, SHOW).tap()
    phone.says("On for this phone")
    phone.page.reload()
    phone.says("Reminders stopped on this phone")


def test_i_have_no_email_and_sign_out_a_phone(ana: Ana, phone: BrowserPhone) -> None:
    """Nothing could prove that it is her, so nothing is asked."""
    sign_in(ana.user, now=timezone.now(), name="Old phone")
    an_hour_later(ana)
    phone.go("me/devices")
    phone.tap("Sign out Old phone")
    phone.tap("Sign it out")
    phone.says("You signed it out")


def test_i_sign_out_here_and_am_warned_first(phone: BrowserPhone) -> None:
    phone.go("me/reminders")
    phone.offline()
    switch(phone, "2 hours before").tap()
    phone.says("Saved on this phone")
    phone.tap("Me", exact=True)
    phone.tap("My phones")
    phone.tap("Sign out on this phone")
    phone.says("1 thing is not sent yet")
    phone.tap("Sign out and lose it")
    phone.says("This needs one. Nothing has changed.")
    phone.offline(False)
    phone.tap("Me", exact=True)
    phone.says("Everything is sent")
    phone.tap("My phones")
    sign_out(phone)
    phone.says("Enter your code")
    phone.until(lambda: phone.databases() == ["handrail-vault"])


def sign_out(phone: BrowserPhone) -> None:
    """On the page of my phones."""
    phone.tap("Sign out on this phone")
    phone.page.get_by_role("dialog").get_by_role("button", name="Sign out on this phone").tap()


def shows_a_line(phone: BrowserPhone) -> None:
    phone.context.add_init_script(PUSHES)
    with transaction.atomic(), set_scene():
        BrowserKey.objects.create(public=VAPID)
    phone.go("me/reminders")
    switch(phone, SHOW).tap()
    phone.says("On for this phone")


def an_hour_later(ana: Ana) -> None:
    """Her phones have proved long ago that they are hers."""
    with transaction.atomic():
        set_actor(ana.user.id)
        sessions = DeviceSession.objects.in_scope(ana.user.id)
        sessions.update(auth_time=timezone.now() - timedelta(hours=1))


def states(ana: Ana) -> list[str]:
    return [consent["state"] for consent in bodies(ana.user, "consent")]


def registrations(ana: Ana) -> int:
    with transaction.atomic():
        set_actor(ana.user.id)
        return PushRegistration.objects.filter(scope_id=ana.user.id).count()


# No push service is reached from here, and this browser has no permission to give. So its own half
# is this; like a browser's, it is lost when the browser says so: here, with the page.
PUSHES = """
  const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  const random = (length) => text(crypto.getRandomValues(new Uint8Array(length)))
  const curve = { name: 'ECDH', namedCurve: 'P-256' }
  let held = null
  Object.defineProperty(Notification, 'permission', { get: () => 'granted' })
  Notification.requestPermission = async () => 'granted'
  PushManager.prototype.getSubscription = async () => held
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    const { publicKey } = await crypto.subtle.generateKey(curve, true, ['deriveBits'])
    const p256dh = text(await crypto.subtle.exportKey('raw', publicKey))
    const endpoint = 'https://fcm.googleapis.com/fcm/send/' + random(24)
    held = {
      options: { applicationServerKey: applicationServerKey.buffer },
      toJSON: () => ({ endpoint, expirationTime: null, keys: { p256dh, auth: random(16) } }),
      unsubscribe: async () => { held = null; return true },
    }
    return held
  }
"""
