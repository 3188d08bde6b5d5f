"""An exhibit for every kind that phones change."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from notifications.models import Preferences
from recovery.conversations.models import ReadMarker
from recovery.feed.context import set_actor
from recovery.people.models import Invitation
from recovery.people.rules import staff_scope
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
    args = practice.attempt(ana, answers={"where": ["chest"]})
    other = {"answers": {"where": ["belly"]}}
    scope = f"care:{ana.record.id}"
    return Exhibit(ana.patient, scope, args["id"], "practice.record_attempt", args, other)


@exhibit("attempt_review")
def attempt_review() -> Exhibit:
    ana = practice.ana_in_care()
    args = practice.attempt(ana)
    act(ana.patient, "practice.record_attempt", **args)
    review = {"id": uuid7(), "attempt": args["id"], "comment": "Well done."}
    other, scope = {"id": uuid7(), "comment": "Good."}, f"care:{ana.record.id}"
    return Exhibit(
        ana.counsellor, scope, review["id"], "practice.review_attempt", review, other
    )  # fmt: skip


@exhibit("assignment")
def assignment() -> Exhibit:
    ana = practice.ana_in_care()
    args = {"id": uuid7(), "record": ana.record.id, "exercise": practice.SURFING["id"]}
    act(ana.counsellor, "practice.assign_exercise", **args)
    withdrawal, scope = {"assignment": args["id"]}, f"care:{ana.record.id}"
    return Exhibit(ana.counsellor, scope, args["id"], "practice.withdraw_assignment", withdrawal)


@exhibit("correction_request")
def correction_request() -> Exhibit:
    _, patient, record = care.in_care()
    args = {"id": uuid7(), "record": record, "field": "given_name", "wanted": "Anna, please."}
    other = {"wanted": "Anya, please."}
    return Exhibit(
        patient, f"care:{record}", args["id"], "care.request_correction", args, other
    )  # fmt: skip


@exhibit("arrival_report")
def arrival_report() -> Exhibit:
    counsellor, patient, record = care.in_care()
    # The session takes place now because a push is received now.
    now = timezone.now().replace(second=0, microsecond=0)
    series = care.WEDNESDAYS | {
        "scope": f"care:{record}",
        "time_zone": "UTC",
        "rule": "FREQ=DAILY",
        "first_date": str(now.date()),
        "times": [f"{now - timedelta(minutes=1):%H:%M}"],
    }
    series_id = UUID(act(counsellor, "care.create_series", now=now, **series).data["series"])
    args = {"appointment": uuid5(series_id, f"{(now - timedelta(minutes=1)).date()}/0")}
    report = uuid5(record, f"arrival/{args['appointment']}")
    return Exhibit(patient, f"care:{record}", report, "care.report_arrival", args)


@exhibit("notice_acknowledgement")
def notice_acknowledgement() -> Exhibit:
    load_wordings()
    ana = make_user()
    open_library(ana)
    answer = {"id": uuid7(), "notice": notice_id(), "signed_name": "Ana Reyes"}
    other, scope = {"id": uuid7(), "signed_name": "A. Reyes"}, f"person:{ana.id}"
    return Exhibit(ana, scope, answer["id"], "privacy.acknowledge_notice", answer, other)


def in_go_round() -> tuple[Circle, UUID]:
    """A circle and the id of its open go-round."""
    circle, current = make_circle(), uuid7()
    about = {"id": current, "group": circle.group, "on_date": "2026-03-02"}
    act(circle.dana, "groups.open_round", **about)
    return circle, current


@exhibit("round_line")
def round_line() -> Exhibit:
    circle, current = in_go_round()
    line = {"id": uuid7(), "round": current, "kind": "plan", "text": "Walk"}
    other, scope = {"id": uuid7(), "text": "Swim"}, f"group:{circle.group}"
    return Exhibit(circle.ana, scope, line["id"], "groups.add_line", line, other)


@exhibit("support")
def support() -> Exhibit:
    circle, current = in_go_round()
    line = {"id": uuid7(), "round": current, "kind": "plan", "text": "Walk"}
    act(circle.ana, "groups.add_line", **line)
    args = {"id": uuid7(), "line": line["id"], "word": "with_you", "text": "Yes"}
    other, scope = {"id": uuid7(), "text": "Do it"}, f"group:{circle.group}"
    return Exhibit(circle.ben, scope, args["id"], "groups.support_line", args, other)


@exhibit("round")
def closing() -> Exhibit:
    circle, current = in_go_round()
    scope = f"group:{circle.group}"
    return Exhibit(circle.dana, scope, current, "groups.close_round", {"round": current})


@exhibit("message")
def message() -> Exhibit:
    circle = make_circle()
    args = {"id": uuid7(), "group": circle.group, "text": "hello"}
    other, scope = {"text": "something else"}, f"group:{circle.group}"
    return Exhibit(circle.ana, scope, args["id"], "groups.post_message", args, other)


@exhibit("read_marker")
def read_marker() -> Exhibit:
    circle = make_circle()
    args, scope = {"group": circle.group, "seq": 7}, f"person:{circle.ana.id}"
    marker = ReadMarker.id_of(circle.ana.id, circle.group)
    return Exhibit(circle.ana, scope, marker, "groups.mark_read", args, {"seq": 6})


@exhibit("group_invitation")
def group_invitation() -> Exhibit:
    circle = make_circle()
    invitation = invite(circle.dana, circle.group, circle.records["cleo"])
    args, scope = {"invitation": invitation}, f"person:{circle.cleo.id}"
    return Exhibit(circle.cleo, scope, invitation, "groups.decline_invitation", args)


@exhibit("member_card")
def member_card() -> Exhibit:
    circle = make_circle()
    card, scope = circle.card(circle.ana), f"group:{circle.group}"
    return Exhibit(circle.dana, scope, card, "groups.remove_member", {"card": card})


@exhibit("connection")
def connection() -> Exhibit:
    circle = make_circle()
    request = alumni.request_to(circle, circle.ben)
    act(circle.ana, "alumni.request_connection", **request)
    args = alumni.side_of(request, circle.ben) | {"consent": signed(alumni.KIND)}
    scope = f"person:{circle.ben.id}"
    return Exhibit(circle.ben, scope, args["connection"], "alumni.accept_connection", args)


@exhibit("block")
def block() -> Exhibit:
    circle = make_circle()
    id_ = uuid5(circle.ana.id, f"block:{circle.ben.id}")
    args, scope = {"card": circle.card(circle.ben)}, f"person:{circle.ana.id}"
    return Exhibit(circle.ana, scope, id_, "alumni.block_person", args)


@exhibit("consent")
def consent() -> Exhibit:
    circle = make_circle()
    [own] = alumni.consents(circle.ana)
    scope = f"care:{circle.records['ana'].id}"
    return Exhibit(circle.ana, scope, own["id"], "privacy.revoke_consent", {"consent": own["id"]})


@exhibit("campaign")
def campaign() -> Exhibit:
    circle = make_circle()
    coordinator = employ(circle.programme, "alumni_coordinator")
    draft = {"id": uuid7(), "text": {"en": "Picnic", "es": "Paseo"}}
    act(coordinator, "alumni.draft_announcement", **draft | {"programme": circle.programme.id})
    args, scope = {"campaign": draft["id"]}, f"staff:{circle.programme.id}"
    return Exhibit(coordinator, scope, draft["id"], "alumni.announce", args)


@exhibit("device_session")
def device_session() -> Exhibit:
    ana = make_user()
    session = sign_in(ana)["session"]
    args, scope = {"session": session}, f"person:{ana.id}"
    return Exhibit(ana, scope, session, "people.revoke_session", args)


@exhibit("account_recovery")
def account_recovery() -> Exhibit:
    counsellor, patient, _ = care.in_care()
    sign_in(patient)
    with transaction.atomic():
        set_actor(counsellor.id)
        first = Invitation.objects.get(scope_id=staff_scope(UUID(care.HOME)), user_id=patient.id)
    again = {"invitation": first.id, "by_email": False}
    made = act(counsellor, "people.renew_invitation", now=timezone.now(), **again).data
    id_, scope = made["invitation"], f"person:{patient.id}"
    return Exhibit(patient, scope, id_, "people.refuse_recovery", {"recovery": id_})


@exhibit("check_in")
def check_in() -> Exhibit:
    ana = practice.ana_in_care()
    today = timezone.now().date()
    id_ = CheckIn.id_of(ana.record.id, today, "day")
    day = {"id": id_, "record": ana.record.id, "local_date": today, "slot": "day"}
    args, other = day | {"success": "Slept", "mood": 2}, {"success": "Walked", "mood": 4}
    return Exhibit(
        ana.patient, f"care:{ana.record.id}", id_, "practice.record_check_in", args, other
    )


@exhibit("reminder_preferences")
def reminder_preferences() -> Exhibit:
    ana = make_user()
    act(ana, "care.set_reminder_preferences", lead_minutes=[30])
    with transaction.atomic():
        set_actor(ana.id)
        row = Preferences.objects.get(scope_id=ana.id)
    args, other, scope = {"lead_minutes": [45]}, {"lead_minutes": [5]}, f"person:{ana.id}"
    return Exhibit(ana, scope, row.id, "care.set_reminder_preferences", args, other)
