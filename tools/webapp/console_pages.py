"""Every state of every page of the console, for pictures and for what is checked on all of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """`who`, or nobody who is signed in if it is empty, opens `path`, in which `{record}` and the
    like are ids of lived days (lived.py).

    `typed`: what to type then, by the labels of the fields. `presses`: buttons, links and folds to
    press after that, by their names.
    """

    name: str
    who: str
    path: str
    presses: tuple[str, ...] = ()
    typed: tuple[tuple[str, str], ...] = ()


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
    State("my-day-quiet", "ines", "/"),
    State("account", "noor", "/account"),
    State("assign", "noor", "/assign"),
    State("assign-search", "noor", "/assign?q=sleep&person={record}"),
    State("assign-tool", "noor", "/assign?exercise=box-breathing&person={record}"),
    State("review", "noor", "/review"),
    State("review-attempt", "noor", "/review/{attempt}"),
    State("review-check-ins", "noor", "/review/check-ins"),
    State("review-of-a-person", "noor", "/review?person={record}"),
    State("people", "noor", "/people"),
    State("people-all", "noor", "/people?list=all"),
    State("people-none", "noor", "/people", ("Search",), (("Name", "nobody"),)),
    State("people-found", "noor", "/people", ("Search",), (("Name", "ruth"),)),
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
    State("groups", "noor", "/groups"),
    State("groups-none", "morgan", "/groups"),
    State("group-new", "noor", "/groups/new"),
    State("group-brief", "noor", "/groups/{group}?part=brief"),
    State("group-brief-new", "noor", "/groups/{new_group}?part=brief"),
    State("group-round", "noor", "/groups/{group}?part=round"),
    State(
        "group-round-support",
        "noor",
        "/groups/{group}?part=round",
        ("Say a word: Brisa, I asked my boss for Thursdays off.",),
    ),
    State("group-round-close", "noor", "/groups/{group}?part=round", ("Close the round…",)),
    State("group-round-none", "noor", "/groups/{new_group}?part=round"),
    State("group-after", "noor", "/groups/{group}?part=after"),
    State("group-after-none", "noor", "/groups/{new_group}?part=after"),
    State("group-messages", "noor", "/groups/{group}/messages"),
    State("group-messages-none", "noor", "/groups/{new_group}/messages"),
    State("group-message", "noor", "/groups/{group}/messages/{message}"),
    State("group-members", "noor", "/groups/{group}/members", ("Add a colleague",)),
    State("group-members-remove", "noor", "/groups/{group}/members", ("Remove…: Brisa",)),
    State("group-members-none", "noor", "/groups/{new_group}/members"),
    State("group-members-step-back", "noor", "/groups/{group}/members", ("Step back…",)),
    State("group-invite", "noor", "/groups/{new_group}/invite"),
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
    State("health", "morgan", "/programme/health"),
    State("unattended-none", "morgan", "/programme/unattended"),
    State("devices-of-a-person", "noor", "/people/{record}/devices"),
]
