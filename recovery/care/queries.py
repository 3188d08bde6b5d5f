"""Reads of care: records, sessions, hours, reminder preferences."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce, NullIf

from foundation import time_zones
from notifications.models import Preferences
from notifications.queue import QuietHours
from recovery.care.models import (
    Appointment,
    ArrivalReport,
    Attendance,
    CareRecord,
    CareTeamMember,
    Episode,
    EpisodeChapter,
    EpisodeEnding,
    LevelOfCare,
    Programme,
    RecordLink,
    SessionSeries,
    WeekOfHours,
)
from recovery.care.rules import access
from recovery.care.rules.hours import chapter_on, week_end, week_of
from recovery.care.rules.levels import Levels, has_at
from recovery.care.rules.reminders import URGENT_WITHIN_HOURS, Wishes
from recovery.care.rules.settings import ALUMNI
from recovery.care.rules.timetable import AHEAD, local_date
from recovery.feed.models import Membership, Scope, ScopedQuerySet
from recovery.people import roles
from recovery.people.models import name_to_say
from recovery.people.queries import Reading, Unattended, finds_unattended, staff_in
from recovery.people.roles import Duty
from recovery.privacy.models import Consent
from recovery.privacy.rules.wording import GROUP_CONSENT
from recovery.signin.models import User

# The role that attends sessions, by the kind of scope. Staff only keep the timetable.
PARTICIPANTS = {"group": roles.MEMBER, "care": roles.PATIENT}

# For lists of people. A person with one name is sorted by it.
BY_NAME = ("sort_name", "given_name", "id")


def with_sort_name(people: QuerySet[Any]) -> QuerySet[Any]:
    """People with `sort_name`, for lists in the order BY_NAME."""
    parts = [NullIf(part, Value("")) for part in ("family_name", "name_text")]
    return people.annotate(sort_name=Coalesce(*parts, "given_name", output_field=TextField()))


def today(programme: Programme, now: datetime) -> date:
    """The date at the programme."""
    return local_date(now, programme.time_zone)


def week_start(programme: Programme, moment: datetime) -> date:
    """The first day of the programme's week that `moment` is in."""
    return week_of(today(programme, moment), programme.week_starts_on)


def offered_level(programme: Programme, code: str) -> LevelOfCare | None:
    return LevelOfCare.objects.filter(programme=programme, code=code, offered=True).first()


def open_episode(record: CareRecord) -> Episode | None:
    return Episode.objects.in_scope(record.scope_id).filter(ended_on=None).first()


def last_episode(record_id: uuid.UUID) -> Episode | None:
    rows = Episode.objects.in_scope(record_id).order_by("-started_on", "-id")
    episode: Episode | None = rows.first()
    return episode


def chapters(record_id: uuid.UUID) -> ScopedQuerySet:
    """Every chapter of every episode, oldest first, without those that were planned for days after
    the episode ended."""
    return _begun_in_care(EpisodeChapter.objects.in_scope(record_id).select_related("level"))


def _begun_in_care(rows: ScopedQuerySet) -> ScopedQuerySet:
    began = Q(episode__ended_on=None) | Q(from_date__lte=F("episode__ended_on"))
    return rows.filter(began).order_by("from_date", "recorded_at")


def chapters_by_record(record_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[EpisodeChapter]]:
    """The same of many records, with their episodes."""
    known: dict[uuid.UUID, list[EpisodeChapter]] = {id_: [] for id_ in record_ids}
    rows = EpisodeChapter.objects.filter(scope_id__in=record_ids)
    for chapter in _begun_in_care(rows.select_related("level", "episode")):
        known[chapter.scope_id].append(chapter)
    return known


def levels_by_record(record_ids: Collection[uuid.UUID], programme: Programme) -> dict[Any, Levels]:
    """The levels over time of many records of one programme."""
    known = chapters_by_record(record_ids)
    return {id_: Levels(programme.settings, applying) for id_, applying in known.items()}


def current_chapters(record_id: uuid.UUID) -> ScopedQuerySet:
    """The chapters of the episode that goes on. None, if care has ended."""
    return chapters(record_id).filter(episode__ended_on=None)


def levels_of(record_id: uuid.UUID, programme: Programme) -> Levels:
    """The levels of one record over time. A group has none, so it takes nothing away."""
    return Levels(programme.settings, chapters(record_id))


def groups_of(user_id: uuid.UUID, programme_id: uuid.UUID) -> list[Scope]:
    """The groups of the programme that the acting user is a member of."""
    mine = Membership.objects.filter(user_id=user_id, role=roles.MEMBER, held=False)
    groups = Scope.objects.filter(
        id__any=ArraySubquery(mine.values("scope_id")), home_id=programme_id, kind="group"
    )
    return list(groups.order_by("id"))


def chapter_of_week(record: CareRecord, first: date, last: date) -> EpisodeChapter | None:
    """The chapter that applies on the last day in care from `first` to `last`."""
    episodes = Episode.objects.in_scope(record.scope_id).filter(started_on__lte=last)
    in_care = episodes.filter(Q(ended_on=None) | Q(ended_on__gte=first))
    episode: Episode | None = in_care.order_by("-started_on", "-id").first()
    if episode is None:
        return None
    day = min(last, episode.ended_on or last)
    chapter: EpisodeChapter | None = chapter_on(
        chapters(record.scope_id).filter(episode=episode), day
    )
    return chapter


def last_ending(record: CareRecord) -> EpisodeEnding | None:
    """The latest decision that an episode ended, or that it goes on after all."""
    rows = EpisodeEnding.objects.in_scope(record.scope_id)
    ending: EpisodeEnding | None = rows.order_by("-recorded_at", "-id").first()
    return ending


def last_link(record: CareRecord, other: CareRecord) -> RecordLink | None:
    """The latest step of linking these two records."""
    steps = RecordLink.objects.in_scope(record.scope_id).filter(other_id=other.id)
    step: RecordLink | None = steps.order_by("-done_at", "-id").first()
    return step


def groups_consented(record: CareRecord) -> list[uuid.UUID]:
    """The peer groups that the person has consented to be seen in."""
    rows = Consent.objects.in_scope(record.scope_id)
    active = rows.filter(user_id=record.user_id, kind=GROUP_CONSENT, state="active")
    return list(active.order_by("signed_at").values_list("subject_id", flat=True))


def care_team(record: CareRecord) -> ScopedQuerySet:
    """The current care team."""
    return CareTeamMember.objects.in_scope(record.scope_id).filter(until=None).order_by("since")


def team_with_access(record: CareRecord) -> set[uuid.UUID]:
    """The staff of the programme who can open the record."""
    staff = staff_in(record.scope_id, record.programme_id)
    return {user_id for user_id, role in staff.items() if role in access.CARING}


def linked_records(record: CareRecord) -> list[CareRecord]:
    """The records of the same person that this one has replaced."""
    rows = CareRecord.objects.select_related("programme")
    return [rows.filter(scope_id=id_).get() for id_ in record.replaces or ()]


def accounts_of(record: CareRecord) -> list[uuid.UUID]:
    """The accounts of the person: one, or two if they were admitted twice."""
    return [record.user_id, *(other.user_id for other in linked_records(record))]


def credited(record: CareRecord, week: date) -> int:
    """The minutes credited in the week that begins on `week`, in linked records too."""
    records = [record.scope_id, *(record.replaces or ())]
    rows = Attendance.objects.filter(scope_id__in=records, week_start=week)
    return rows.aggregate(n=Sum("credited_minutes"))["n"] or 0


def cared_for_by(user: Any) -> QuerySet[Any]:
    """The records of the people on whose care team the user is, with `sort_name`. Without those
    that another one has replaced, and admissions that were a mistake."""
    mine = Membership.objects.filter(user_id=user.id, held=False, role__in=sorted(access.CARING))
    rows = CareRecord.objects.filter(scope_id__any=ArraySubquery(mine.values("scope_id")))
    return with_sort_name(rows.filter(replaced_by=None, entered_in_error_at=None))


def own_record(user: Any, programme_id: uuid.UUID, *, lock: bool = False) -> CareRecord | None:
    """The user's own record in this programme. `lock` holds it until the transaction ends."""
    mine = CareRecord.objects.visible_to(user).filter(user_id=user.id, programme_id=programme_id)
    if lock:
        mine = mine.select_for_update(no_key=True, of=("self",))
    record: CareRecord | None = mine.select_related("programme").first()
    return record


def participants(scope_id: uuid.UUID) -> list[uuid.UUID]:
    """The users who attend the sessions of this scope."""
    here = Membership.objects.filter(scope_id=scope_id, held=False, role__in=PARTICIPANTS.values())
    return list(here.order_by("user_id").values_list("user_id", flat=True))


def participants_by_scope(
    scope_ids: Collection[uuid.UUID],
) -> dict[uuid.UUID, set[uuid.UUID]]:
    """The same for several scopes."""
    here = Membership.objects.filter(
        scope_id__in=scope_ids, held=False, role__in=PARTICIPANTS.values()
    )
    known: dict[uuid.UUID, set[uuid.UUID]] = {id_: set() for id_ in scope_ids}
    for scope_id, user_id in here.values_list("scope_id", "user_id"):
        known[scope_id].add(user_id)
    return known


def reached(scope_id: uuid.UUID) -> tuple[int, int]:
    """How many people a push about the sessions of this scope goes to, and how many do not use
    their account yet."""
    here = Membership.objects.filter(scope_id=scope_id, role__in=PARTICIPANTS.values())
    waits = dict(here.values_list("user_id", "held"))
    active = User.objects.filter(id__in=waits, is_active=True).values_list("id", flat=True)
    held = [waits[id_] for id_ in active]
    return held.count(False), held.count(True)


def roster(records: QuerySet[Any], session: Appointment, user: Any) -> QuerySet[Any]:
    """Those of the `records` whose patients take part in the session, with `sort_name`.

    Each has what `user` may see of it: `arrivals`, the patient's own report, and `attended`, both
    lists of one row at most.
    """

    def about(model: type[ArrivalReport | Attendance], name: str) -> Prefetch[Any]:
        rows = model.objects.visible_to(user).filter(appointment_id=session.id)
        return Prefetch(f"{model._meta.model_name}_set", rows, to_attr=name)

    # A person attends the sessions in their own record, also before they use the app.
    taking_part = Q(user_id__in=participants(session.scope_id)) | Q(scope_id=session.scope_id)
    here = with_sort_name(records).filter(
        taking_part, programme_id=session.programme_id, replaced_by=None
    )
    return here.prefetch_related(about(ArrivalReport, "arrivals"), about(Attendance, "attended"))


def sessions_to_come(user_id: uuid.UUID, now: datetime, until: datetime) -> list[Appointment]:
    """The user's booked sessions in all scopes that start after `now`, up to `until`.

    Without those of groups that a change of level, or the end of care, has taken from them. A
    closed account, as after a death, has none.
    """
    if not User.objects.filter(id=user_id, is_active=True).exists():
        return []
    mine = Membership.objects.filter(user_id=user_id, held=False, role__in=PARTICIPANTS.values())
    rows = Appointment.objects.filter(
        scope_id__any=ArraySubquery(mine.values("scope_id")),
        status="booked",
        starts_at__gt=now,
        starts_at__lte=until,
    )
    sessions = rows.select_related("programme").order_by("starts_at", "id")
    # A group meets for all of its members, whatever the level of each.
    records = CareRecord.objects.filter(user_id=user_id).select_related("programme")
    # The record that goes on, where the person was admitted twice.
    own = {r.programme_id: r.replaced_by or r.scope_id for r in records}
    levels = {r.programme_id: levels_of(own[r.programme_id], r.programme) for r in records}
    last = {programme: last_episode(record) for programme, record in own.items()}
    return [
        s
        for s in sessions
        if s.scope_id in own.values()
        or not _taken_away(s, levels.get(s.programme_id), last.get(s.programme_id))
    ]


def _taken_away(session: Appointment, levels: Levels | None, episode: Episode | None) -> bool:
    """Whether a session of a group is no longer for a person with these levels and this episode,
    the last one."""
    if levels is None:
        return False
    day = today(session.programme, session.starts_at)
    if episode is None or episode.ended_on is None or day <= episode.ended_on:
        return levels.take_away(session.kind, day)
    return episode.follows != "alumni" or not has_at(
        session.programme.settings, ALUMNI, session.kind
    )


def running_series(scope_id: uuid.UUID, now: datetime) -> list[SessionSeries]:
    """The series of this scope that have not ended in their time zone."""
    rows = SessionSeries.objects.in_scope(scope_id).order_by("id")
    # `ended_on` is the first day without sessions.
    return [s for s in rows if s.ended_on is None or s.ended_on > local_date(now, s.time_zone)]


def timetable(scope_id: uuid.UUID, now: datetime) -> ScopedQuerySet:
    """The sessions of this scope that are not over, booked or cancelled."""
    rows = Appointment.objects.in_scope(scope_id).filter(ends_at__gt=now)
    return rows.exclude(status="withdrawn").order_by("starts_at", "id")


def wishes(preferences: Preferences | None, programme: Programme) -> Wishes:
    """How the person wants to be reminded. The programme's settings are the default."""
    if preferences is not None:
        start, end = preferences.quiet_start, preferences.quiet_end
        return Wishes(
            preferences.time_zone,
            None if start is None or end is None else (start, end),
            tuple(preferences.lead_minutes),
        )
    quiet = quiet_hours(programme)
    return Wishes(
        programme.time_zone,
        (quiet.start, quiet.end),
        tuple(programme.settings["reminders"]["lead_minutes"]),
    )


def quiet_hours(programme: Programme) -> QuietHours:
    """Those of people who have set none of their own."""
    hours = programme.settings["quiet_hours"]
    start, end = (time.fromisoformat(hours[name]) for name in ("from", "to"))
    return QuietHours(programme.time_zone, start, end)


def is_soon(programme: Programme, starts_at: datetime, now: datetime) -> bool:
    """Whether a change of a session that starts then is announced at once, even at night."""
    hours = programme.settings["reminders"].get("urgent_within_hours", URGENT_WITHIN_HOURS)
    return starts_at - now <= timedelta(hours=hours)


def preferences_of(user_id: uuid.UUID) -> Preferences | None:
    return Preferences.objects.filter(scope_id=user_id).first()


def programmes_of(user: Any) -> QuerySet[Programme]:
    """The programmes that the user is a patient or alumnus of."""
    mine = CareRecord.objects.visible_to(user).filter(user_id=user.id)
    return Programme.objects.filter(id__in=mine.values("programme_id")).order_by("id")


def takes_part(scope_id: uuid.UUID, user_id: uuid.UUID) -> bool:
    """Whether the user attends the sessions of this scope."""
    return user_id in participants(scope_id)


@finds_unattended
def unattended_records(reading: Reading) -> Iterator[Unattended]:
    """Records without a care team, and their timetables without a keeper."""
    for id_, *names, opened_at, series, arrivals in reading.rows("unstaffed_records", Duty.CARES):
        name = name_to_say(*names)
        yield Unattended("record", id_, name, Duty.CARES, arrivals, opened_at)
        if series:
            yield Unattended("series", id_, name, Duty.KEEPS_TIMETABLE, series, None)


# The queries below are for jobs, which see every scope.


def people_of(programme_id: uuid.UUID) -> list[uuid.UUID]:
    """Everyone in the programme, patients and staff."""
    here = Membership.objects.filter(scope_id=programme_id, held=False)
    return list(here.values_list("user_id", flat=True))


def series_to_extend(now: datetime) -> list[SessionSeries]:
    """Series that lack sessions for some of the next four weeks, in any time zone."""
    # The date in UTC is at most a day off any local one. `extend` uses the local date.
    not_ended = Q(ended_on=None) | Q(ended_on__gt=F("planned_to"))
    soon = Q(planned_to=None) | Q(planned_to__lt=now.date() + AHEAD)
    return list(SessionSeries.objects.filter(not_ended, soon).only("id", "scope_id"))


def series_of_other_time_zones(now: datetime) -> list[SessionSeries]:
    """Series that may still have sessions, made with another version of the time zones."""
    not_ended = Q(ended_on=None) | Q(ended_on__gte=now.date())
    rows = SessionSeries.objects.filter(not_ended).exclude(tzdata=time_zones.VERSION)
    return list(rows.only("id", "scope_id"))


def records_without_this_week(now: datetime) -> Iterator[uuid.UUID]:
    """Records in care that have no row for the hours of their programme's current week."""
    for programme in Programme.objects.all():
        week = week_start(programme, now)
        weeks = WeekOfHours.objects.filter(scope_id=OuterRef("scope_id"), week_start=week)
        in_care = Episode.objects.filter(
            scope_id=OuterRef("scope_id"), ended_on=None, started_on__lte=week_end(week)
        )
        records = CareRecord.objects.filter(Exists(in_care), ~Exists(weeks), programme=programme)
        yield from records.values_list("id", flat=True)


def returns_due(now: datetime) -> Iterator[uuid.UUID]:
    """Records of alumni whose level of care, on today's date at the programme, is another one."""
    for programme in Programme.objects.all():
        chapters = EpisodeChapter.objects.filter(
            scope_id=OuterRef("scope_id"),
            episode__ended_on=None,
            from_date__lte=today(programme, now),
        ).order_by("-from_date", "-recorded_at", "-id")
        records = CareRecord.objects.filter(programme=programme, alumnus_since__isnull=False)
        current = records.annotate(level=Subquery(chapters.values("level__code")[:1]))
        yield from (
            current.filter(level__isnull=False).exclude(level=ALUMNI).values_list("id", flat=True)
        )


def everybody_with_sessions(now: datetime) -> list[uuid.UUID]:
    """Everyone who attends a scope with booked sessions in the future."""
    booked = Appointment.objects.filter(
        scope_id=OuterRef("scope_id"), status="booked", starts_at__gt=now
    )
    attending = Membership.objects.filter(
        Exists(booked), held=False, role__in=PARTICIPANTS.values()
    )
    return list(attending.values_list("user_id", flat=True).distinct())
