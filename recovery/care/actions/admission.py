"""Admitting a patient to the programme."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Unpack

from rest_framework import serializers
from uuid_utils.compat import uuid7

from recovery.actions import Answer, Call, Refused, action
from recovery.actions.fields import Code, MailAddress, Text
from recovery.care import queries
from recovery.care.actions.doubles import require_new
from recovery.care.actions.hours import count_current_week
from recovery.care.actions.inputs import ProgrammeField
from recovery.care.actions.levels import LATEST, begin_episode, level_called
from recovery.care.actions.team import join_team
from recovery.care.models import CareRecord, Programme
from recovery.care.rules import access
from recovery.feed import publish, scopes
from recovery.people import roles
from recovery.people.actions.inputs import BirthDate, Name, Named, NamePart
from recovery.people.actions.invitations import create_invited_patient
from recovery.people.rules import LOCALES, check_phone
from recovery.privacy.actions.notices import ask_for_answer

# A patient whose care began before the programme used Handrail keeps their first day.
EARLIEST = timedelta(days=366)


class AdmitPatient(Named):
    """`given_name`, `family_name` or `name_text`: one of them is enough. `called`: the name that
    the person wants to hear. Staff have checked the date of birth. `starts_on` defaults to today.

    `by_email` false: the code is shown once, for staff to hand over. `separate`: another person
    than the one in the programme with the same name and date of birth.
    """

    programme = ProgrammeField()
    separate = serializers.BooleanField(default=False)
    called = NamePart(default="")
    date_of_birth = BirthDate()
    phone = Text(max_length=40, default="", allow_blank=True)
    email = MailAddress(allow_blank=True)
    by_email = serializers.BooleanField(default=True)
    locale = serializers.ChoiceField(choices=LOCALES, default="en")
    level = Code(max_length=40)
    starts_on = serializers.DateField(required=False)


@action("care.admit_patient", input=AdmitPatient, allow=access.admits_patients)
def admit_patient(
    call: Call,
    *,
    programme: Programme,
    separate: bool,
    called: str,
    date_of_birth: date,
    phone: str,
    email: str,
    by_email: bool,
    locale: str,
    level: str,
    starts_on: date | None = None,
    **name: Unpack[Name],
) -> Answer:
    """Open a care record and an episode, and invite the patient with a one-use code.

    The patient sees neither until they acknowledge the notice.
    Refused: `under_age`, `no_address`, `no_such_level`, `date_out_of_range`, `known_already`.
    """
    check_phone(phone)
    if not separate:
        require_new(programme, name, date_of_birth)
    level_of_care = level_called(programme, level)
    today = queries.today(programme, call.now)
    first_day = starts_on or today
    if not today - EARLIEST <= first_day <= today + LATEST:
        raise Refused(
            "date_out_of_range",
            "Care can start at most one year in the past and 90 days in the future.",
        )
    invited = create_invited_patient(
        call,
        programme_id=programme.id,
        name=name,
        called=called,
        date_of_birth=date_of_birth,
        today=today,
        phone=phone,
        email=email,
        locale=locale,
        minimum_age=programme.minimum_age,
        by_email=by_email,
    )
    # 42 CFR 2.22: the phone has the notice before it has anything of the record.
    _show_notice(programme, invited.user_id, call)
    id_ = _open_record_scope(programme, invited.user_id, call)
    record = CareRecord(
        id=id_,
        scope_id=id_,
        user_id=invited.user_id,
        programme=programme,
        **name,
        called=called,
        date_of_birth=date_of_birth,
        locale=locale,
        email=email,
        phone=phone,
        opened_at=call.now,
    )
    record.save(force_insert=True)
    publish(record)
    join_team(record, call.actor.id, call)
    begin_episode(
        record, level_of_care, first_day, call, reason="admission", decided_by=call.actor.id
    )
    count_current_week(record, call)
    answer = {"record": record.id, "user": invited.user_id, "invitation": invited.invitation_id}
    return Answer({name: str(id_) for name, id_ in answer.items()}, once=invited.once())


def _show_notice(programme: Programme, user_id: uuid.UUID, call: Call) -> None:
    contact = programme.settings["contacts"]["privacy"]
    names = {
        "programme": programme.name,
        "privacy_contact": contact["title"],
        "phone": contact["number"],
        "email": contact["email"],
    }
    ask_for_answer(call, user_id, programme_id=programme.id, names=names)


def _open_record_scope(programme: Programme, user_id: uuid.UUID, call: Call) -> uuid.UUID:
    """Open the scope of a new record, with the admitting member of staff as its first member.

    The patient's memberships are held until they acknowledge the notice.
    """
    id_ = uuid7()
    role = access.staff_role(programme.id, call.actor.id) or ""
    scopes.open_scope("care", id_, home_id=programme.id, user_id=call.actor.id, role=role)
    for scope in (id_, programme.id):
        scopes.grant(scope, user_id, roles.PATIENT, held=True)
    return id_
