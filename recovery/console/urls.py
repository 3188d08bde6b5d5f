"""The pages on the console's host."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path

from recovery.console import passkeys, signing_in
from recovery.console.page import missing, of_the_console
from recovery.console.pages import (
    account,
    alumni,
    announcements,
    assign,
    audit,
    check_ins,
    devices,
    group_members,
    group_messages,
    group_today,
    groups,
    health,
    hours,
    invitations,
    invite,
    my_day,
    people,
    person,
    person_details,
    person_practice,
    review,
    roster,
    series,
    settings,
    staff,
    timetable,
    unattended,
)


def _page(route: str, view: Any, name: str) -> URLPattern:
    return path(route, of_the_console(view), name=name)


handler404 = of_the_console(missing)

urlpatterns: list[URLPattern] = [
    _page("sign-in", signing_in.email, "sign_in"),
    _page("sign-in/code", signing_in.code, "sign_in_code"),
    _page("sign-in/second-step", signing_in.second_step, "second_step"),
    _page("sign-in/passkey", passkeys.sign_in, "passkey"),
    _page("sign-in/second-step/passkey", passkeys.second_step, "second_step_passkey"),
    _page("confirm/passkey", passkeys.confirm, "confirm_passkey"),
    _page("second-factor/passkey", passkeys.add, "add_passkey"),
    _page("invitation", signing_in.invitation, "invitation"),
    _page("second-factor", signing_in.set_up, "second_factor"),
    _page("confirm", signing_in.confirm, "confirm"),
    _page("signed-in", signing_in.signed_in, "signed_in"),
    _page("sign-out", signing_in.sign_out, "sign_out"),
    _page("programme", signing_in.choose_programme, "choose_programme"),
    _page("account", account.account, "account"),
    _page("here", signing_in.here, "here"),
    _page("assign", assign.assign, "assign"),
    _page("review", review.review, "review"),
    _page("review/check-ins", check_ins.check_ins, "check_ins"),
    _page("review/<uuid:attempt>", review.review_attempt, "review_attempt"),
    _page("people", people.people, "people"),
    _page("people/<uuid:record>", person.person, "person"),
    _page("people/<uuid:record>/story", person.story, "person_story"),
    _page("people/<uuid:record>/sessions", person.sessions, "person_sessions"),
    _page("people/<uuid:record>/check-ins", person_practice.check_ins, "person_check_ins"),
    _page("people/<uuid:record>/exercises", person_practice.exercises, "person_exercises"),
    _page("people/<uuid:record>/groups", person.groups, "person_groups"),
    _page("people/<uuid:record>/details", person_details.details, "person_details"),
    _page("alumni", alumni.board, "alumni"),
    _page("announcements", announcements.announcements, "announcements"),
    _page("announcements/new", announcements.write, "write_announcement"),
    _page("announcements/<uuid:announcement>", announcements.announcement, "announcement"),
    _page("announcements/<uuid:announcement>/words", announcements.rewrite, "rewrite_announcement"),
    _page("audit", audit.audit, "audit"),
    _page("settings", settings.settings, "settings"),
    *(_page(job.path[1:], settings.PAGES[job.key], f"settings_{job.key}") for job in settings.JOBS),
    _page("timetable", timetable.timetable, "timetable"),
    _page("sessions/<uuid:session>", timetable.session, "session"),
    _page("series/new", series.new_series, "new_series"),
    _page("series/<uuid:series>", series.series, "series"),
    _page("groups", groups.groups, "groups"),
    _page("groups/new", groups.new_group, "new_group"),
    _page("groups/<uuid:group>", group_today.group_today, "group_today"),
    _page("groups/<uuid:group>/messages", group_messages.messages, "group_messages"),
    _page("groups/<uuid:group>/messages/<uuid:message>", group_messages.message, "group_message"),
    _page("groups/<uuid:group>/members", group_members.members, "group_members"),
    _page("groups/<uuid:group>/invite", group_members.invite, "group_invite"),
    _page("hours", hours.hours, "hours"),
    _page("sessions/<uuid:session>/roster", roster.roster, "roster"),
    _page("programme/invite", invite.invite, "invite"),
    _page("programme/staff", staff.staff, "staff"),
    _page("programme/staff/invite", staff.invite_staff, "invite_staff"),
    _page("programme/staff/<uuid:user>", staff.staff_member, "staff_member"),
    _page("programme/invitations", invitations.invitations, "invitations"),
    _page("programme/invitations/<uuid:invitation>", invitations.invitation_of, "invitation_of"),
    _page("programme/unattended", unattended.unattended, "unattended"),
    _page("programme/health", health.health, "health"),
    _page("people/<uuid:record>/devices", devices.devices, "devices"),
    _page("", my_day.my_day, "my_day"),
]
