"""The audit on the console: who did what, as far as its reader may see it, and no word more."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from html import unescape
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg import sql
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from foundation.problems import NotAllowed
from recovery.actions import seals
from recovery.actions.ledger import note_reads
from recovery.actions.models import AuditEvent
from recovery.actions.registry import ACTIONS
from recovery.console import audit_words
from recovery.feed.context import set_actor
from tests.cast import (
    NORTHLIGHT,
    ConsoleBrowser,
    act,
    admit,
    employ,
    hire,
    load_programme,
    make_user,
    preset,
)
from tests.roles import as_role
from tests.servers import owner_url

pytestmark = pytest.mark.usefixtures("committed_db")

SECRET = "I walked home the long way"


class Desk:
    """Noor cares for Ana; Fay manages the programme and cares for nobody."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.fay = hire(employ(role="admin"), NORTHLIGHT, "admin", ("Fay", "Archer"))
        self.noor = hire(self.fay, NORTHLIGHT)
        self.ana, self.record = admit(
            self.noor, now=self.now, given_name="Ana", family_name="Reyes"
        )
        self.browser = ConsoleBrowser(self.noor)

    def check_in(self, **answers: Any) -> None:
        day = self.now.date()
        data = {"record": self.record, "local_date": day, "slot": "day", "id": uuid7()}
        act(self.ana, "practice.record_check_in", now=self.now, **data, **answers)

    def change_level(self, record: Any, reason: str = "steady") -> None:
        data = {"record": record, "level": "outpatient", "reason": reason}
        act(self.noor, "care.change_level", now=self.now, **data)

    def rows(self, path: str = "/audit") -> list[list[str]]:
        return rows_of(self.browser.reads(path))

    def hit(self, **typed: str) -> list[list[str]]:
        """The rows after this was typed into the form. No name stands in an address."""
        response = self.browser.do("/audit", "find", **typed)
        assert response.status_code == 303, response.content
        return self.rows(response["Location"])


def rows_of(page: str) -> list[list[str]]:
    """When, who, did and about of each row, as text."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("<tr>")[1:]
    ]
    return [[text_of(cell) for cell in row] for row in cells]


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split()).replace(" ,", ",")


@pytest.fixture
def desk() -> Desk:
    load_programme()
    return Desk()


def reads(scope: Any) -> list[AuditEvent]:
    with as_role("jobs"):
        return list(AuditEvent.objects.filter(scope_id=scope, action="read audit"))


def test_every_action_has_words() -> None:
    assert set(audit_words.DID) == set(ACTIONS)


def test_what_was_done_is_said_in_words_and_not_what_was_written(desk: Desk) -> None:
    desk.check_in(mood=2, plan=SECRET)
    desk.change_level(desk.record, reason=SECRET)
    page = desk.browser.reads("/audit")
    rows = [row[1:] for row in rows_of(page)]
    assert ["Ana Reyes, In care or alumni", "Checked in", "Ana Reyes"] in rows
    assert ["Noor Hale, Counselor", "Changed the level of care", "Ana Reyes"] in rows
    assert SECRET not in page


def test_what_staff_read_is_said_with_how_much(desk: Desk) -> None:
    kinds = ["checkin", "checkin", "carerecord"]
    with transaction.atomic():
        set_actor(desk.noor.id)
        seen = [(desk.record, kind, uuid7()) for kind in kinds]
        note_reads(seen, "read person", desk.noor, desk.now)
    assert ["Noor Hale, Counselor", "Read 2 check-ins, 1 record", "Ana Reyes"] in [
        row[1:] for row in desk.rows("/audit?outcome=read")
    ]


def test_opening_the_audit_is_an_entry_in_each_scope_that_is_shown(desk: Desk) -> None:
    desk.check_in(mood=3)
    desk.browser.reads("/audit")
    [event] = reads(desk.record)
    assert event.actor_id == desk.noor.id
    kinds = {kind for kind, *_ in event.objects_touched}
    assert kinds == {"auditevent", "carerecord"}
    desk.browser.reads("/audit")
    assert len(reads(desk.record)) == 2


def test_nobody_sees_entries_about_records_that_are_not_theirs(desk: Desk) -> None:
    desk.check_in(mood=3)
    other = hire(desk.fay, NORTHLIGHT, "clinician", ("Eli", "Park"))
    for browser in (ConsoleBrowser(desk.fay), ConsoleBrowser(other)):
        for query in ("", f"?about={desk.record}", f"?who={desk.record}", "?area=practice"):
            page = browser.reads(f"/audit{query}")
            assert "Reyes" not in page
            assert "Checked in" not in page
        for field in ("who", "about"):
            response = browser.do("/audit", "find", **{field: "Ana"})
            assert response.status_code == 422
            assert "Nobody whom you may see has this name." in response.content.decode()
    assert not reads(desk.record)


def test_other_programmes_and_former_colleagues_see_nothing_of_it(desk: Desk) -> None:
    cedar = preset("cedar-bridge")
    load_programme(cedar)
    olive = ConsoleBrowser(hire(employ(cedar["id"], role="admin"), cedar["id"], "admin"))
    assert "Ana Reyes" not in olive.reads("/audit")
    successor = hire(desk.fay, NORTHLIGHT, "counsellor", ("Eli", "Park"))
    former = ConsoleBrowser(desk.noor)
    ended = {"programme": NORTHLIGHT, "user": desk.noor.id, "successor": successor.id}
    act(desk.fay, "people.end_staff", **ended)
    assert former.get("/audit").status_code != 200
    assert ConsoleBrowser(make_user(is_staff=True)).get("/audit").status_code == 404
    assert not reads(desk.record)


def test_in_groups_members_have_no_name_and_cannot_be_found_by_it(desk: Desk) -> None:
    """Their alias is all that others know there, also where the reader knows the person."""
    act(desk.noor, "groups.create", id=(group := uuid7()), programme=NORTHLIGHT,
        name="Evening circle", alias="Noor H.", now=desk.now)  # fmt: skip
    add(group, desk.ana, desk.now, action="groups.post_message", outcome="applied")
    assert ["A member", "Wrote a message", "Evening circle"] in [r[1:] for r in desk.rows()]
    assert "Wrote a message" not in str(desk.hit(who="Ana Reyes"))
    assert "Wrote a message" in str(desk.hit(about="evening"))


def test_the_filters(desk: Desk) -> None:
    desk.check_in(mood=3)
    _, ben = admit(desk.noor, now=desk.now, given_name="Ben", family_name="Marsh")
    desk.change_level(ben)

    def things(**typed: str) -> set[tuple[str, str]]:
        return {(row[2], row[3]) for row in desk.hit(**typed)}

    assert things(who="ana rey") == {("Checked in", "Ana Reyes")}
    assert ("Changed the level of care", "Ben Marsh") in things(about="marsh")
    assert {about for _, about in things(about="marsh")} == {"Ben Marsh"}
    assert things(area="practice") == {("Checked in", "Ana Reyes")}
    assert "Checked in" not in str(things(outcome="read"))
    assert all(did.startswith("Read") for did, _ in things(outcome="read"))
    assert "Checked in" in str(things(outcome="applied"))
    assert "Checked in" not in str(things(who="noor"))
    assert things(since="2020-01-01", until="2020-01-02") == set()


def test_a_name_that_was_found_stays_until_it_is_cleared(desk: Desk) -> None:
    desk.check_in(mood=3)
    hit = desk.browser.do("/audit", "find", about="Reyes")["Location"]
    again = desk.browser.do(hit, "find", area="practice")["Location"]
    page = desk.browser.reads(again)
    assert "2 filters on." in page
    assert "About: Ana Reyes." in text_of(page)
    assert [row[2:] for row in rows_of(page)] == [["Checked in", "Ana Reyes"]]


def test_a_refused_act_says_so(desk: Desk) -> None:
    change = {"programme": NORTHLIGHT, "settings": {"name": "Mine"}}
    with pytest.raises(NotAllowed):
        act(desk.noor, "care.change_settings", now=desk.now, **change)
    [row] = desk.rows("/audit?outcome=refused")
    assert row[1:] == [
        "Noor Hale, Counselor",
        "Changed settings of the program Refused: not allowed",
        "Your account",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "until=9999-12-31",
        "since=0001-01-01",
        "before=1",
        "area=nothing",
        "outcome=%00",
        "who=%3Cscript%3E,,7",
        "about=" + "a," * 2000,
    ],
)
def test_nonsense_in_the_address_is_not_asked(query: str, desk: Desk) -> None:
    assert "<script>," not in desk.browser.reads(f"/audit?{query}")


def test_hostile_names_are_shown_as_text(desk: Desk) -> None:
    name = "<b>x</b>"
    _, record = admit(desk.noor, now=desk.now, given_name=name)
    desk.change_level(record)
    response = desk.browser.do("/audit", "find", about=name)
    page = desk.browser.reads(response["Location"])
    assert name not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    refused = desk.browser.do("/audit", "find", who="<script>" + "a" * 4000)
    assert refused.status_code == 422
    assert "<script>aaa" not in refused.content.decode()


def test_older_entries_come_fifty_at_a_time_each_once(desk: Desk) -> None:
    fill(desk, 120)
    path, seen = f"/audit?outcome=read&about={desk.record}", []
    while path:
        page = desk.browser.reads(path)
        seen.append(len([row for row in rows_of(page) if "Read 7 records" in row[2]]))
        link = re.search(r'href="(\?[^"]*before=[^"]+)"', page)
        path = f"/audit{unescape(link[1])}" if link else ""
    # What opening a page adds stands before the pages that follow.
    assert (len(seen), sum(seen), seen[0]) == (3, 120, 50)


def fill(desk: Desk, count: int) -> None:
    for n in range(count):
        # Several at one moment, so that the time alone does not order them.
        at = desk.now - timedelta(minutes=n // 3)
        add(desk.record, desk.noor, at, ["carerecord"] * 7)


def add(
    scope: Any,
    actor: Any,
    at: Any,
    kinds: Any = (),
    action: str = "read person",
    outcome: str = "read",
) -> None:
    """An entry that the owner of the tables puts there."""
    touched = [[kind, str(uuid.uuid4()), str(scope)] for kind in kinds]
    with psycopg.connect(owner_url(settings.DATABASES["default"]["NAME"])) as owner:
        owner.execute(
            "INSERT INTO recovery_auditevent (id, scope_id, at, actor_id, action, outcome,"
            " objects_touched, request_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [uuid7(), scope, at, actor.id, action, outcome, Jsonb(touched), uuid7()],
        )


def test_fifty_entries_cost_as_many_queries_as_three(desk: Desk) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.browser.reads("/audit")
        return len(captured)

    desk.check_in(mood=3)
    desk.browser.reads("/audit")
    few = queries()
    fill(desk, 100)
    for name in ("Ben", "Cleo", "Elm"):
        admit(desk.noor, now=desk.now, given_name=name)
    assert queries() == few


def test_an_entry_that_was_changed_after_it_was_sealed_stands_out(desk: Desk) -> None:
    desk.check_in(mood=3)
    assert "Nothing is sealed yet." in desk.browser.reads("/audit")
    with as_role("jobs"):
        seals.seal(timezone.now())
    page = desk.browser.reads("/audit")
    assert "entries of this server are sealed" in page
    assert "Not as it was sealed" not in page
    with psycopg.connect(owner_url(settings.DATABASES["default"]["NAME"])) as owner:
        table = sql.Identifier("recovery_auditevent")
        owner.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(table))
        owner.execute(
            "UPDATE recovery_auditevent SET actor_id = %s"
            " WHERE action = 'practice.record_check_in'",
            [desk.noor.id],
        )
        owner.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER ALL").format(table))
    page = desk.browser.reads("/audit")
    assert "1 entry on this page is not as it was sealed." in page
    [row] = [row for row in rows_of(page) if "Not as it was sealed" in row[2]]
    assert row[2].startswith("Checked in")
