"""A coordinator writes to all alumni, previews it, sends it, stops it and reads what came of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.actions.models import AuditEvent
from recovery.alumni import jobs
from recovery.alumni.models import Campaign, InboxItem
from recovery.care.models import Programme
from recovery.feed.context import set_actor
from recovery.people.rules import staff_scope
from recovery.signin.models import User
from tests.cast import (
    ConsoleBrowser,
    act,
    hire,
    load_wordings,
    make_device,
    make_fay,
    make_olive,
    make_patient,
    user_of,
)
from tests.notifications.running import let_leases_end, pump, simulator
from tests.roles import as_role, set_scene

pytestmark = pytest.mark.usefixtures("committed_db")
ENGLISH, SPANISH = "Winter supper on Saturday", "Cena de invierno el sábado"
WORDS = {"en": ENGLISH, "es": SPANISH}


@dataclass
class Town:
    """Opal coordinates the alumni of Dana's programme, which Fay manages."""

    programme: Programme
    fay: User
    dana: User
    opal: User
    alumni: list[User]


def make_town(alumni: int = 7, in_spanish: int = 0) -> Town:
    load_wordings()
    fay, programme = make_fay()
    dana = hire(fay, programme.id)
    opal = hire(fay, programme.id, "alumni_coordinator", ("Opal", "Reed"))
    users = [user_of(make_patient(programme, dana, role="alumnus")) for _ in range(alumni)]
    with transaction.atomic(), set_scene():
        for user in users[:in_spanish]:
            user.locale = "es"
            user.save(update_fields=["locale"])
    return Town(programme, fay, dana, opal, users)


@pytest.fixture
def town(committed_db: None) -> Town:
    return make_town()


def draft(town: Town, **words: str) -> str:
    campaign = str(uuid7())
    data = {"id": campaign, "programme": town.programme.id, "text": WORDS | words}
    act(town.opal, "alumni.draft_announcement", **data)
    return campaign


def run(town: Town, campaign: str) -> None:
    """What the worker does."""
    with as_role("jobs"):
        jobs.deliver(programme=str(town.programme.id), campaign=campaign)


def sent(town: Town, **words: str) -> str:
    campaign = draft(town, **words)
    act(town.opal, "alumni.announce", campaign=campaign)
    run(town, campaign)
    return campaign


def rows() -> list[Campaign]:
    with transaction.atomic(), set_scene():
        return list(Campaign.objects.order_by("id"))


def inboxes() -> int:
    with transaction.atomic(), set_scene():
        return InboxItem.objects.count()


def new(town: Town, browser: ConsoleBrowser, **fields: Any) -> Any:
    """Send the form of a new one, as the page has it."""
    own = {"programme": town.programme.id, "en": ENGLISH, "es": SPANISH}
    return browser.do("/announcements/new", "draft", **own | fields)


def seen(page: str) -> str:
    """The text of the page's own part, in one line."""
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_a_coordinator_writes_checks_sends_and_reads_what_came_of_it(town: Town) -> None:
    browser = ConsoleBrowser(town.opal)
    page = browser.reads("/announcements/new")
    assert "Goes to 7 people" in seen(page)
    saved = new(town, browser)
    assert saved.status_code == 303
    path = saved["Location"]
    page = seen(browser.reads(path))
    for words in (
        "Draft. Nobody has it yet.",
        "Goes to 7 people",
        ENGLISH,
        SPANISH,
        "Nothing new shows",
        "Your words never travel in a push.",
    ):
        assert words in page
    assert [(row.state, row.text) for row in rows()] == [("draft", WORDS)]

    text = {"en": "Winter supper on Sunday", "es": "Cena de invierno el domingo"}
    assert browser.do(f"{path}/words", "change", **text)["Location"] == path
    page = browser.do(path, "send").content.decode()
    assert "It goes out now. You can stop it on this page." in seen(page)
    assert "About to start" in seen(page)
    assert f'data-lists="staff:{town.programme.id}"' in page
    run(town, path.rpartition("/")[2])
    page = seen(browser.reads(path))
    assert "Reached 7 people" in page
    assert "Left out Nobody" in page
    assert "Who opens it is not recorded." in page
    with transaction.atomic(), set_scene():
        assert {str(item.text) for item in InboxItem.objects.all()} == {str(text)}
    assert "Reached 7 people" in seen(browser.reads("/announcements"))


def test_a_coordinator_stops_it_while_it_goes_out(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven should get it. When five have it, Opal has read how far it is, and presses Stop. Only
    the phones of the five are woken, without a word of it."""
    phones = [f"device:of-alumnus-{number}" for number in range(7)]
    for user, phone in zip(town.alumni, phones, strict=True):
        make_device(user, phone)
    monkeypatch.setattr(jobs, "BATCH", 1)
    campaign, browser, pages = draft(town), ConsoleBrowser(town.opal), []
    path = f"/announcements/{campaign}"
    browser.do(path, "send")
    deliver, done = jobs._deliver_to, 0

    def watched(*delivery: Any) -> str:
        nonlocal done
        if done == 5:
            with as_role("app"):
                pages.append(browser.reads(path))
                pages.append(browser.do(path, "stop").content.decode())
        done += 1
        return deliver(*delivery)

    monkeypatch.setattr(jobs, "_deliver_to", watched)
    run(town, campaign)
    before, after = map(seen, pages)
    assert "5 of 7 people have it" in before
    assert "Stop now" in before
    assert "Stopped. Nobody else gets it." in after
    assert inboxes() == 5
    page = seen(browser.reads(path))
    assert "Stopped when nearly everybody had it" in page
    assert "Stop now" not in page
    [row] = rows()
    assert (row.state, row.reached, row.planned) == ("stopped", 5, 7)
    run(town, campaign)
    assert inboxes() == 5
    let_leases_end(timedelta(days=1))  # quiet hours are over
    with simulator() as fcm:
        pump(fcm, passes=1)
        let_leases_end(timedelta(days=1))  # so is the time over which pushes are spread
        pump(fcm)
        woken = [message for phone in phones for message in fcm.accepted(phone)]
    assert len(woken) == 5
    assert all(text not in str(woken) for text in WORDS.values())


def test_what_is_stopped_before_it_starts_reaches_nobody(town: Town) -> None:
    campaign, browser = draft(town), ConsoleBrowser(town.opal)
    browser.do(f"/announcements/{campaign}", "send")
    page = browser.do(f"/announcements/{campaign}", "stop").content.decode()
    assert "Stopped before anybody had it" in seen(page)
    run(town, campaign)
    assert inboxes() == 0
    again = browser.do(f"/announcements/{campaign}", "send")
    assert again.status_code == 422
    assert "This announcement was stopped." in again.content.decode()


def test_a_draft_is_put_away_and_written_again(town: Town) -> None:
    campaign, browser = draft(town), ConsoleBrowser(town.opal)
    page = browser.do(f"/announcements/{campaign}", "put_away").content.decode()
    assert "Put away. It was not sent to anybody." in seen(page)
    assert "Put away, never sent" in seen(browser.reads("/announcements"))
    assert ENGLISH in browser.reads(f"/announcements/new?from={campaign}")
    assert browser.get("/announcements/new?from=x").status_code == 404
    assert browser.get(f"/announcements/new?from={uuid7()}").status_code == 404


def test_what_was_sent_is_not_stopped_or_sent_again(town: Town) -> None:
    campaign, browser = sent(town), ConsoleBrowser(town.opal)
    before = rows()
    for name in ("send", "stop", "put_away"):
        refused = browser.do(f"/announcements/{campaign}", name)
        assert refused.status_code == 422
        assert "This announcement has already been sent." in refused.content.decode()
    words = {"en": "Other", "es": "Otro"}
    assert browser.do(f"/announcements/{campaign}/words", "change", **words).status_code == 422
    assert [row.__dict__ | {"_state": 0} for row in rows()] == [
        row.__dict__ | {"_state": 0} for row in before
    ]


def test_a_form_that_is_sent_twice_makes_one_draft(town: Town) -> None:
    browser, key = ConsoleBrowser(town.opal), uuid7()
    first, again = (new(town, browser, key=key) for _ in range(2))
    assert first["Location"] == again["Location"]
    assert len(rows()) == 1


def test_both_languages_are_needed_and_what_was_typed_stays(town: Town) -> None:
    browser = ConsoleBrowser(town.opal)
    refused = new(town, browser, es=" ")
    page = refused.content.decode()
    assert refused.status_code == 422
    assert ENGLISH in page
    [spanish] = re.findall(r'<textarea[^>]*name="es"[^>]*>', page)
    [english] = re.findall(r'<textarea[^>]*name="en"[^>]*>', page)
    assert 'aria-invalid="true"' in spanish
    assert "aria-invalid" not in english
    assert rows() == []


def test_in_place_the_browser_is_sent_on(town: Town) -> None:
    """A page that is open is left for the draft's own, whose address can be kept."""
    browser = ConsoleBrowser(town.opal)
    own = {"programme": town.programme.id, "en": ENGLISH, "es": SPANISH}
    sent_ = {"do": "draft", "key": str(uuid7())} | own
    headers = {"Host": "console.localhost", "HX-Request": "true"}
    response = browser.http.post("/announcements/new", sent_, headers=headers)
    assert response["HX-Redirect"] == f"/announcements/{rows()[0].id}"


def test_the_same_words_in_both_languages_are_pointed_out(town: Town) -> None:
    browser = ConsoleBrowser(town.opal)
    sentence = "Both languages have the same words."
    assert sentence in seen(browser.reads(f"/announcements/{draft(town, es=ENGLISH)}"))
    assert sentence not in seen(browser.reads(f"/announcements/{draft(town)}"))


@pytest.mark.parametrize(
    ("alumni", "in_spanish", "shown"),
    [
        (0, 0, "Nobody has finished here yet"),
        (3, 1, "Goes to fewer than 5 people"),
        (7, 2, "Goes to 7 people English Nearly all Español Fewer than 5"),
        (10, 5, "Goes to 10 people English 5 Español 5"),
        (6, 6, "Goes to 6 people English Nobody Español 6"),
    ],
)
def test_nobody_is_guessed_from_a_small_number(
    committed_db: None, alumni: int, in_spanish: int, shown: str
) -> None:
    town = make_town(alumni, in_spanish)
    page = seen(ConsoleBrowser(town.opal).reads("/announcements/new"))
    assert f"{shown} All alumni of" in page or (alumni == 0 and shown in page)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Supper on Saturday, 6 PM. Bring a dish.", "Supper on Saturday, 6 PM"),
        ("Cena a las 6 p. m., sala 5. Trae un plato.", "Cena a las 6 p. m., sala 5"),
        ("\n Supper\nBring a dish.", "Supper"),
        ("W" * 200, "W" * 59 + "…"),
    ],
)
def test_an_announcement_is_called_by_its_first_sentence(town: Town, text: str, title: str) -> None:
    page = ConsoleBrowser(town.opal).reads(f"/announcements/{draft(town, en=text)}")
    assert f"<h1><bdi>{title}</bdi></h1>" in page


@pytest.mark.parametrize(
    ("state", "planned", "reached", "shown"),
    [
        ("sent", 3, 3, "Reached fewer than 5 people"),
        ("sent", 4, 0, "Reached nobody"),
        ("sent", 5000, 4990, "Reached 4,990 people"),
        ("stopped", 5000, 1240, "Stopped after 1,240 of 5,000"),
        ("stopped", 5000, 3, "Stopped after fewer than 5 of 5,000"),
        ("stopped", 5000, 4997, "Stopped when nearly everybody had it"),
        ("stopped", 4, 2, "Stopped. It was for fewer than 5 people"),
        ("sending", 4, 2, "It goes to fewer than 5 people"),
        ("sending", 5000, 1240, "1,240 of 5,000 people have it"),
        ("sending", 5000, 3, "Fewer than 5 of 5,000 people have it"),
        ("sending", 5000, 0, "Nobody of 5,000 has it yet"),
    ],
)
def test_what_came_of_it_in_words(
    town: Town, state: str, planned: int, reached: int, shown: str
) -> None:
    campaign = draft(town)
    counts = {"planned": planned, "reached": reached, "held_back": 3}
    times = dict.fromkeys(("announced_at", "sent_at", "stopped_at"), timezone.now())
    with transaction.atomic(), set_scene():
        Campaign.objects.filter(id=campaign).update(state=state, **counts, **times)
    browser = ConsoleBrowser(town.opal)
    page = browser.reads(f"/announcements/{campaign}")
    assert shown in seen(page)
    assert shown in seen(browser.reads("/announcements"))
    if planned < 5:
        assert "<progress" not in page
    if reached in (2, 3):
        assert f'value="{reached}"' not in page


def test_a_counsellor_is_refused_and_has_no_page_in_the_menu(town: Town) -> None:
    campaign = draft(town)
    browser = ConsoleBrowser(town.dana)
    menu = browser.reads("/")
    assert "/announcements" not in menu
    assert "/alumni" not in menu
    page = browser.reads(f"/announcements/{campaign}")
    assert "Send it now" not in page
    assert "Goes to" not in page
    assert "Write to alumni" not in browser.reads("/announcements")
    assert "<textarea" not in browser.reads("/announcements/new")
    for path, name in (
        ("/announcements/new", "draft"),
        (f"/announcements/{campaign}/words", "change"),
        (f"/announcements/{campaign}", "send"),
        (f"/announcements/{campaign}", "stop"),
        (f"/announcements/{campaign}", "put_away"),
    ):
        refused = browser.do(path, name, programme=town.programme.id, en="Other", es="Otro")
        assert refused.status_code == 422, path
        assert "You are not allowed to do this." in refused.content.decode()
    assert [(row.state, row.text) for row in rows()] == [("draft", WORDS)]


def test_a_coordinator_has_both_pages_in_the_menu(town: Town) -> None:
    menu = ConsoleBrowser(town.opal).reads("/")
    assert 'href="/announcements"' in menu
    assert 'href="/alumni"' in menu


def test_others_find_nothing(town: Town) -> None:
    """Staff of another programme, a former colleague, and an alumnus."""
    campaign = draft(town)
    former = hire(town.fay, town.programme.id, "alumni_coordinator")
    act(town.fay, "people.end_staff", programme=town.programme.id, user=former.id)
    before = reads()
    assert ConsoleBrowser(former).get("/announcements").status_code == 303  # signed out
    for who in (make_olive("alumni_coordinator"), town.alumni[0]):
        browser = ConsoleBrowser(who)
        assert new(town, browser).status_code in (404, 422)
        for path in (f"/announcements/{campaign}", f"/announcements/{campaign}/words"):
            assert browser.get(path).status_code == 404
            for name in ("send", "stop", "put_away", "change"):
                assert browser.do(path, name).status_code == 404
        assert ENGLISH not in browser.get("/announcements").content.decode()
        assert browser.get(f"/announcements/new?from={campaign}").status_code == 404
    assert reads() == before
    assert [(row.state, row.text) for row in rows()] == [("draft", WORDS)]


def reads() -> int:
    with transaction.atomic(), set_scene():
        return AuditEvent.objects.filter(outcome="read").count()


def test_words_are_shown_as_they_are_and_run_nothing(town: Town) -> None:
    hostile = "<script>alert(1)</script>\u202egnp.exe " + "W" * 900
    campaign, browser = draft(town, en=hostile), ConsoleBrowser(town.opal)
    for path in (
        f"/announcements/{campaign}",
        f"/announcements/{campaign}/words",
        "/announcements",
        "/alumni",
    ):
        page = browser.reads(path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_too_many_letters_are_refused_and_kept(town: Town) -> None:
    browser = ConsoleBrowser(town.opal)
    refused = new(town, browser, en="W" * 4000)
    assert refused.status_code == 422
    assert "W" * 4000 in refused.content.decode()
    assert rows() == []


def test_many_cost_as_much_as_one(town: Town) -> None:
    browser = ConsoleBrowser(town.opal)
    with time_machine.travel(timezone.now(), tick=False):
        counts = []
        for more in (1, 12):
            for _ in range(more):
                draft(town)
                act(town.opal, "alumni.announce", campaign=draft(town))
                act(town.opal, "alumni.stop_announcement", campaign=draft(town))
            for path in ("/announcements", "/alumni", "/announcements/new"):
                with CaptureQueriesContext(connection) as queries:
                    browser.reads(path)
                counts.append((path, len(queries)))
        half = len(counts) // 2
        assert counts[:half] == counts[half:]


def test_the_list_shows_fifty_that_are_over(town: Town) -> None:
    with transaction.atomic():
        set_actor(town.opal.id)
        for number in range(51):
            Campaign(
                scope_id=staff_scope(town.programme.id),
                programme=town.programme,
                text={"en": f"Number {number:02}", "es": "Número"},
                state="stopped",
                drafted_by=town.opal.id,
                drafted_at=timezone.now(),
                stopped_at=timezone.now(),
            ).save(force_insert=True)
    page = seen(ConsoleBrowser(town.opal).reads("/announcements"))
    assert "Number 50" in page
    assert "Number 00" not in page
    assert "Only the newest 50 are shown." in page
