"""Dana's group on a Monday morning, with Ana and Ben in it under other names."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import time_machine
from uuid_utils.compat import uuid7

from recovery.care.models import Programme
from recovery.signin.models import User
from tests.cast import NOW, Circle, ConsoleBrowser, act, hire, load_wordings, make_fay, make_patient
from tests.console.planning import EVENINGS

GROUP = "Tuesday evening"


class Evening(Circle):
    """Fay administers; Dana leads the group and cares for Ana (Wren), Ben (Fern) and Cleo, who is
    in no group; Eli is a clinician who leads none."""

    fay: User
    eli: User

    @property
    def path(self) -> str:
        return f"/groups/{self.group}"

    def plan(self, **facts: Any) -> uuid.UUID:
        """Sessions from Monday to Friday at 5:30 PM."""
        scope = f"group:{self.group}"
        made = act(self.dana, "care.create_series", scope=scope, **EVENINGS | facts)
        return uuid.UUID((made.data or {})["series"])

    def open_round(self, topic: str = "Payday", now: datetime = NOW) -> str:
        data = {"id": uuid7(), "group": self.group, "on_date": "2026-03-02", "topic": topic}
        done = act(self.dana, "groups.open_round", now=now, **data)
        return str((done.data or {})["round"])

    def say(self, who: User, round: str, kind: str, text: str, **more: Any) -> str:
        done = act(who, "groups.add_line", round=round, kind=kind, text=text, **more)
        return str((done.data or {})["round_line"])

    def write(self, who: User, text: str, **more: Any) -> str:
        done = act(who, "groups.post_message", group=self.group, text=text, **more)
        return str((done.data or {})["message"])


def make_evening() -> Evening:
    load_wordings()
    fay, programme = make_fay()
    dana = hire(fay, programme.id, "counsellor", ("Dana", "Cole"))
    evening = Evening(programme, dana, open_group(dana, programme), {})
    evening.fay, evening.eli = fay, hire(fay, programme.id, "clinician", ("Eli", "Moss"))
    evening.bring_in("ana", "Wren")
    evening.bring_in("ben", "Fern")
    evening.records["cleo"] = make_patient(programme, dana)
    return evening


def open_group(leader: User, programme: Programme, name: str = GROUP) -> uuid.UUID:
    group: uuid.UUID = uuid7()
    data = {"id": group, "programme": programme.id, "name": name, "alias": "Dana"}
    act(leader, "groups.create", **data)
    return group


def at(moment: datetime = NOW) -> Any:
    return time_machine.travel(moment, tick=False)


def desk(user: User, now: datetime = NOW) -> ConsoleBrowser:
    """Signed in at this moment. Its requests belong into `at`."""
    with at(now):
        return ConsoleBrowser(user)
