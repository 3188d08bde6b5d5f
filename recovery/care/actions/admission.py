"""Taking a person into the programme."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from rest_framework import serializers
from uuid_utils.compat import uuid7

from recovery.actions import ActionInput, Answer, Call, Refused, action
from recovery.care import queries
from recovery.care.actions.hours import count_current_week
from recovery.care.actions.inputs import LOCALES, ProgrammeField
from recovery.care.actions.levels import LATEST, begin_chapter, level_called
from recovery.care.actions.team import join_team
from recovery.care.models import CareRecord, Episode, LevelOfCare, Programme
from recovery.care.rules import access
from recovery.feed import publish, scopes
from recovery.people.actions.invitations import create_invited_patient
from recovery.privacy.actions.notices import ask_for_answer

# Who was in care before the programme had Handrail keeps the day on which it began.
EARLIEST = timedelta(days=366)


class AdmitPatient(ActionInput):
    """Nine fields. Staff have checked the date of birth; `starts_on` is today if not given.

    `by_email` false: the code is shown once, to be handed over.
    """

    programme = ProgrammeField()
    given_name = serializers.CharField(max_length=80)
    family_name = serializers.CharField(max_length=80)
    date_of_birth = serializers.DateField()
    email = serializers.EmailField(allow_blank=True)
    by_email = serializers.BooleanField(default=True)
    locale = serializers.ChoiceField(choices=LOCALES, default="en")
    level = serializers.SlugField(max_length=40)
    starts_on = serializers.DateField(required=False)


@action("care.admit_patient", input=AdmitPatient, allow=access.admits_patients)
def admit_patient(call: Call, data: dict[str, Any]) -> Answer:
    """Open a record and an episode, and invite the person with a code that works once.

    Their places in the record and the programme wait until they have acknowledged the notice.
    Refused: `under_age`, `no_address`, `no_such_level`, `date_out_of_range`.
    """
    programme = data["programme"]
    level = level_called(programme, data["level"])
    today = queries.today(programme, call.now)
    first_day = _first_day(data.get("starts_on", today), today)
    told = ("given_name", "family_name", "date_of_birth", "email", "locale", "by_email")
    invited = create_invited_patient(
        call,
        programme_id=programme.id,
        today=today,
        minimum_age=programme.minimum_age,
        **{name: data[name] for name in told},
    )
    _show_notice(programme, invited.user_id, call)
    record = _open_record(programme, invited.user_id, data, call)
    join_team(record, call.actor.id, call)
    _begin_episode(record, level, first_day, call)
    count_current_week(record, call)
    answer = {"record": record.id, "user": invited.user_id, "invitation": invited.invitation_id}
    return Answer({name: str(id_) for name, id_ in answer.items()}, once=invited.once())


def _first_day(asked: date, today: date) -> date:
    if not today - EARLIEST <= asked <= today + LATEST:
        raise Refused(
            "date_out_of_range", "Care begins a year ago at the earliest and 90 days ahead."
        )
    return asked


def _show_notice(programme: Programme, user_id: uuid.UUID, call: Call) -> None:
    contact = programme.settings["contacts"]["privacy"]
    names = {
        "programme": programme.name,
        "privacy_contact": contact["title"],
        "phone": contact["number"],
        "email": contact["email"],
    }
    ask_for_answer(call, user_id, programme_id=programme.id, names=names)


def _open_record(
    programme: Programme, user_id: uuid.UUID, data: dict[str, Any], call: Call
) -> CareRecord:
    """The record and its scope, which whoever admits is the first in."""
    id_ = uuid7()
    role = access.staff_role(programme.id, call.actor.id) or ""
    scopes.open_scope("care", id_, home_id=programme.id, user_id=call.actor.id, role=role)
    for scope in (id_, programme.id):
        scopes.grant(scope, user_id, "patient", held=True)
    told = ("programme", "given_name", "family_name", "date_of_birth", "locale")
    facts = {name: data[name] for name in told}
    record = CareRecord(id=id_, scope_id=id_, user_id=user_id, opened_at=call.now, **facts)
    record.save(force_insert=True)
    publish(record)
    return record


def _begin_episode(record: CareRecord, level: LevelOfCare, first_day: date, call: Call) -> None:
    episode = Episode(scope_id=record.scope_id, record=record, started_on=first_day)
    episode.save(force_insert=True)
    publish(episode)
    begin_chapter(
        episode, level, from_date=first_day, reason="admission", decided_by=call.actor.id, call=call
    )
