"""Every state of every page of the console, for pictures and for what is checked on all of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """`who`, or nobody who is signed in if it is empty, opens `path`, in which `{record}` and the
    like are ids of lived days (lived.py).

    `presses`: buttons, links and folds to press then, by their names.
    """

    name: str
    who: str
    path: str
    presses: tuple[str, ...] = ()


STATES = [
    State("sign-in", "", "/sign-in"),
    State("sign-in-code", "", "/sign-in/code"),
    State("sign-in-second-step", "", "/sign-in/second-step"),
    State("invitation", "", "/invitation"),
    State("set-up-second-step", "sol", "/second-factor"),
    State("confirm", "noor", "/confirm"),
    State("nothing-here", "noor", "/nothing"),
    State("my-day", "noor", "/"),
    State("my-day-administrator", "morgan", "/"),
    State("account", "noor", "/account"),
    State("assign", "noor", "/assign"),
    State("assign-search", "noor", "/assign?q=sleep&person={record}"),
    State("assign-tool", "noor", "/assign?exercise=box-breathing&person={record}"),
    State("review", "noor", "/review"),
    State("review-attempt", "noor", "/review/{attempt}"),
    State("review-check-ins", "noor", "/review/check-ins"),
    State("people", "noor", "/people"),
    State("people-all", "noor", "/people?list=all"),
    State("people-none", "noor", "/people?q=nobody"),
    State("people-empty", "morgan", "/people"),
    State("person", "noor", "/people/{record}", ("Show numbers",)),
    State("person-story", "noor", "/people/{record}/story"),
    State("person-sessions", "noor", "/people/{record}/sessions"),
    State("person-check-ins", "noor", "/people/{record}/check-ins"),
    State("person-exercises", "noor", "/people/{record}/exercises"),
    State("person-groups", "noor", "/people/{record}/groups"),
    State("person-details", "noor", "/people/{record}/details"),
    State("person-correct", "noor", "/people/{record}/details", ("Correct something",)),
    State("alumni", "ines", "/alumni"),
    State("announcements", "ines", "/announcements"),
    State("announcement-new", "ines", "/announcements/new"),
    State("announcement-draft", "ines", "/announcements/{draft}"),
    State("announcement-words", "ines", "/announcements/{draft}/words"),
    State("announcement-put-away", "ines", "/announcements/{put_away}"),
    State("announcement-sent", "ines", "/announcements/{sent}"),
    State("settings", "morgan", "/settings"),
    State("settings-levels", "morgan", "/settings/levels"),
    State(
        "settings-levels-kinds",
        "morgan",
        "/settings/levels",
        ("Kinds of session, ASAM, place", "Add a level"),
    ),
    State("settings-reminders", "morgan", "/settings/reminders"),
    State("settings-helplines", "morgan", "/settings/helplines"),
    State("settings-hours", "morgan", "/settings/hours"),
    State("settings-check-in", "morgan", "/settings/check-in"),
    State("settings-groups", "morgan", "/settings/groups"),
    State("settings-offer", "morgan", "/settings/offer"),
    State("settings-program", "morgan", "/settings/program"),
    State("audit", "noor", "/audit"),
    State("audit-found", "noor", "/audit?about={record}&outcome=read"),
    State("audit-nothing", "morgan", "/audit?since=2026-01-01&until=2026-01-01"),
    State("timetable", "noor", "/timetable"),
    State("timetable-empty", "morgan", "/timetable"),
    State("session", "noor", "/sessions/{moved}"),
    State("session-canceled", "noor", "/sessions/{canceled}"),
    State("session-of-a-person", "noor", "/sessions/{talk}"),
    State("session-refused", "noor", "/sessions/{moved}", ("Change and tell 3 people",)),
    State("series", "noor", "/series/{evenings}"),
    State("series-of-a-person", "noor", "/series/{talks}"),
    State("new-series", "noor", "/series/new"),
    State("hours", "noor", "/hours"),
    State("hours-empty", "noor", "/hours?week=2026-01-01"),
    State("roster", "noor", "/sessions/{session}/roster"),
    State("roster-late", "noor", "/sessions/{session}/roster", ("Late: Lucia Prado",)),
    State("roster-ahead", "noor", "/sessions/{later_session}/roster"),
    State("invite", "noor", "/programme/invite"),
    State("invite-wrong", "noor", "/programme/invite", ("Make the code",)),
    State("staff", "morgan", "/programme/staff"),
    State("staff-invite", "morgan", "/programme/staff/invite"),
    State("staff-member", "morgan", "/programme/staff/{colleague}"),
    State("codes", "noor", "/programme/invitations"),
    State("codes-ended", "noor", "/programme/invitations?show=over"),
    State("code-approve", "morgan", "/programme/invitations/{waiting}"),
    State("code-mine", "noor", "/programme/invitations/{waiting}"),
    State("unattended-none", "morgan", "/programme/unattended"),
    State("devices-mine", "noor", "/me/devices"),
    State("devices-of-a-person", "noor", "/people/{record}/devices"),
]
