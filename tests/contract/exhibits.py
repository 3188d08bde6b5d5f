"""For every kind that a phone can change: a document, and the change that two phones make."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from notifications.models import Preferences
from recovery.conversations.models import ReadMarker
from recovery.feed.context import set_actor
from recovery.practice.models import CheckIn
from tests.cast import (
    Circle,
    act,
    employ,
    invite,
    load_wordings,
    make_circle,
    make_user,
    notice_id,
    open_library,
    sign_in,
    signed,
)
from tests.contract.cases import alumni, care, practice
from tests.contract.exhibit import Exhibit, exhibit


@exhibit("attempt")
def attempt() -> Exhibit:
    ana = practice.ana_in_care()
    done = practice.attempt(ana, answers={"where": ["chest"]})
    other = {"answers": {"where": ["belly"]}}
    place = f"care:{ana.record.id}"
    return Exhibit(ana.patient, place, done["id"], "practice.record_attempt", done, other)


@exhibit("attempt_review")
def attempt_review() -> Exhibit:
    ana = practice.ana_in_care()
    done = practice.attempt(ana)
    act(ana.patient, "practice.record_attempt", **done)
    review = {"id": uuid7(), "attempt": done["id"], "comment": "Well done."}
    other, place = {"id": uuid7(), "comment": "Good."}, f"care:{ana.record.id}"
    return Exhibit(
        ana.counsellor, place, review["id"], "practice.review_attempt", review, other
    )  # fmt: skip


@exhibit("assignment")
def assignment() -> Exhibit:
    ana = practice.ana_in_care()
    asked = {"id": uuid7(), "record": ana.record.id, "exercise": practice.SURFING["id"]}
    act(ana.counsellor, "practice.assign_exercise", **asked)
    which, place = {"assignment": asked["id"]}, f"care:{ana.record.id}"
    return Exhibit(ana.counsellor, place, asked["id"], "practice.withdraw_assignment", which)


@exhibit("arrival_report")
def arrival_report() -> Exhibit:
    counsellor, patient, record = care.in_care()
    # The session takes place now, for a push is received now.
    now = timezone.now().replace(second=0, microsecond=0)
    series = care.WEDNESDAYS | {
        "scope": f"care:{record}",
        "time_zone": "UTC",
        "rule": "FREQ=DAILY",
        "first_date": str(now.date()),
        "times": [f"{now - timedelta(minutes=1):%H:%M}"],
    }
    made = UUID(act(counsellor, "care.create_series", now=now, **series).data["series"])
    which = {"appointment": uuid5(made, f"{(now - timedelta(minutes=1)).date()}/0")}
    report = uuid5(record, f"arrival/{which['appointment']}")
    return Exhibit(patient, f"care:{record}", report, "care.report_arrival", which)


@exhibit("notice_acknowledgement")
def notice_acknowledgement() -> Exhibit:
    load_wordings()
    ana = make_user()
    open_library(ana)
    yes = {"id": uuid7(), "notice": notice_id(), "signed_name": "Ana Reyes"}
    other, place = {"id": uuid7(), "signed_name": "A. Reyes"}, f"person:{ana.id}"
    return Exhibit(ana, place, yes["id"], "privacy.acknowledge_notice", yes, other)


def in_round() -> tuple[Circle, UUID]:
    """A circle, and the round that runs in it."""
    circle, current = make_circle(), uuid7()
    about = {"id": current, "group": circle.group, "on_date": "2026-03-02"}
    act(circle.dana, "groups.open_round", **about)
    return circle, current


@exhibit("round_line")
def round_line() -> Exhibit:
    circle, current = in_round()
    said = {"id": uuid7(), "round": current, "kind": "plan", "text": "Walk"}
    other, place = {"id": uuid7(), "text": "Swim"}, f"group:{circle.group}"
    return Exhibit(circle.ana, place, said["id"], "groups.add_line", said, other)


@exhibit("support")
def support() -> Exhibit:
    circle, current = in_round()
    line = {"id": uuid7(), "round": current, "kind": "plan", "text": "Walk"}
    act(circle.ana, "groups.add_line", **line)
    word = {"id": uuid7(), "line": line["id"], "word": "with_you", "text": "Yes"}
    other, place = {"id": uuid7(), "text": "Do it"}, f"group:{circle.group}"
    return Exhibit(circle.ben, place, word["id"], "groups.support_line", word, other)


@exhibit("round")
def closing() -> Exhibit:
    circle, current = in_round()
    place = f"group:{circle.group}"
    return Exhibit(circle.dana, place, current, "groups.close_round", {"round": current})


@exhibit("message")
def message() -> Exhibit:
    circle = make_circle()
    words = {"id": uuid7(), "group": circle.group, "text": "hello"}
    other, place = {"text": "something else"}, f"group:{circle.group}"
    return Exhibit(circle.ana, place, words["id"], "groups.post_message", words, other)


@exhibit("read_marker")
def read_marker() -> Exhibit:
    circle = make_circle()
    far, place = {"group": circle.group, "seq": 7}, f"person:{circle.ana.id}"
    marker = ReadMarker.id_of(circle.ana.id, circle.group)
    return Exhibit(circle.ana, place, marker, "groups.mark_read", far, {"seq": 6})


@exhibit("group_invitation")
def group_invitation() -> Exhibit:
    circle = make_circle()
    offer = invite(circle.dana, circle.group, circle.records["cleo"])
    which, place = {"invitation": offer}, f"person:{circle.cleo.id}"
    return Exhibit(circle.cleo, place, offer, "groups.decline_invitation", which)


@exhibit("member_card")
def member_card() -> Exhibit:
    circle = make_circle()
    card, place = circle.card(circle.ana), f"group:{circle.group}"
    return Exhibit(circle.dana, place, card, "groups.remove_member", {"card": card})


@exhibit("connection")
def connection() -> Exhibit:
    circle = make_circle()
    asked = alumni.asking(circle, circle.ben)
    act(circle.ana, "alumni.request_connection", **asked)
    yes = alumni.waiting(asked, circle.ben) | {"consent": signed(alumni.KIND)}
    place = f"person:{circle.ben.id}"
    return Exhibit(circle.ben, place, yes["connection"], "alumni.accept_connection", yes)


@exhibit("block")
def block() -> Exhibit:
    circle = make_circle()
    id_ = uuid5(circle.ana.id, f"block:{circle.ben.id}")
    whom, place = {"card": circle.card(circle.ben)}, f"person:{circle.ana.id}"
    return Exhibit(circle.ana, place, id_, "alumni.block_person", whom)


@exhibit("consent")
def consent() -> Exhibit:
    circle = make_circle()
    [own] = alumni.consents(circle.ana)
    place = f"care:{circle.records['ana'].id}"
    return Exhibit(circle.ana, place, own["id"], "privacy.revoke_consent", {"consent": own["id"]})


@exhibit("campaign")
def campaign() -> Exhibit:
    circle = make_circle()
    coordinator = employ(circle.programme, "alumni_coordinator", by=circle.dana)
    words = {"id": uuid7(), "text": {"en": "Picnic", "es": "Paseo"}}
    act(coordinator, "alumni.draft_announcement", **words | {"programme": circle.programme.id})
    which, place = {"campaign": words["id"]}, f"staff:{circle.programme.id}"
    return Exhibit(coordinator, place, words["id"], "alumni.announce", which)


@exhibit("device_session")
def device_session() -> Exhibit:
    ana = make_user()
    old = sign_in(ana)["session"]
    which, place = {"session": old}, f"person:{ana.id}"
    return Exhibit(ana, place, old, "people.revoke_session", which)


@exhibit("check_in")
def check_in() -> Exhibit:
    ana = practice.ana_in_care()
    today = timezone.now().date()
    id_ = CheckIn.id_of(ana.record.id, today, "day")
    day = {"id": id_, "record": ana.record.id, "local_date": today, "slot": "day"}
    words, other = day | {"success": "Slept", "mood": 2}, {"success": "Walked", "mood": 4}
    return Exhibit(
        ana.patient, f"care:{ana.record.id}", id_, "practice.record_check_in", words, other
    )


@exhibit("reminder_preferences")
def reminder_preferences() -> Exhibit:
    ana = make_user()
    act(ana, "care.set_reminder_preferences", lead_minutes=[30])
    with transaction.atomic():
        set_actor(ana.id)
        row = Preferences.objects.get(scope_id=ana.id)
    wish, other, place = {"lead_minutes": [45]}, {"lead_minutes": [5]}, f"person:{ana.id}"
    return Exhibit(ana, place, row.id, "care.set_reminder_preferences", wish, other)
