"""A few days in the lives of the demonstration people, so that the console has something to show.

Everything happens through the API, as it would.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from tools.demo.product import Product
from tools.demo.staff import Staff

ZONE = ZoneInfo("America/Los_Angeles")  # of the demonstration's programme
SESSION = ("series", "local_date", "slot")
BORN = {"ben": "1988-02-11", "lucia": "1995-09-30", "rosa": "1979-06-02"}
MOODS = [3, 4, 2, 4, 3]
URGES = [5, 3, 8, 6, 4]
EXERCISES = {
    "urge-surfing": "01a2002e-dd22-7544-be10-b6deda6a96ee",
    "thought-record": "01a2002e-dd22-7544-be10-b6e033aee4da",
    "halt": "01a2002e-dd22-7544-be10-b6e985ea44b6",
    "box-breathing": "01a2002e-dd22-7544-be10-b6e472c507da",
}


class Patient(Staff):
    """Someone in care, with a phone."""

    async def enrol_born(self, born: str) -> None:
        code = self.product.printed_code(self.email)
        body = {"code": code, "date_of_birth": born, **self._app()}
        self._signed_in(await self._ask("POST", "/api/v1/enrolment", **body))


async def live(product: Product, staff: dict[str, Staff]) -> dict[str, str]:
    """The ids that paths of pages need: of Ben's record, the evening group, and so on."""
    noor = staff["noor"]
    records = {row["given_name"]: row for row in await noor.read("care/records")}
    patients = {}
    for name, born in BORN.items():
        family = {"ben": "marsh", "lucia": "prado", "rosa": "linden"}[name]
        patient = Patient(name.title(), f"{name}.{family}@mail.example", product)
        await patient.enrol_born(born)
        token = {"kind": "token", "platform": "android", "value": f"phone-of-{name}-" + "x" * 40}
        await patient.act("people.register_push", token)
        patients[name] = patient
    record = records["Ben"]["id"]
    await _check_in(patients["ben"], record)
    [group, *_] = await noor.read("groups/groups")
    text = "I walked home the long way and called my sister."
    await patients["ben"].act(
        "groups.post_message", {"group": group["id"], "id": str(uuid7()), "text": text}
    )
    sessions = await noor.read("care/sessions")
    ids = {
        "programme": group["programme"],
        "record": record,
        "group": group["id"],
        "later_session": sessions[-1]["id"],
    }
    ids["attempt"] = await _use_tools(patients, records, noor)
    ids |= await _planned(noor, record, sessions)
    ids["session"] = await _meet(noor, group, records, patients)
    await _come_and_miss(noor, patients["ben"], record, group["programme"])
    ids |= await _announce(staff["ines"])
    ids |= await _codes(staff, records["Ben"])
    ids |= await _meet_in_group(noor, group, patients)
    for person in patients.values():
        await person.close()
    return ids


async def _meet_in_group(
    noor: Staff, group: dict[str, Any], patients: dict[str, Patient]
) -> dict[str, str]:
    """A go-round that is over and one that is open, messages, and a group that is new."""
    here = {"group": group["id"]}
    today = str(datetime.now(ZONE).date())
    for topic in ("Payday and other danger dates", "Asking for help"):
        opened = await noor.act(
            "groups.open_round", here | {"id": str(uuid7()), "on_date": today, "topic": topic}
        )
        lines = []
        for name, kind, text in (
            ("lucia", "success", "I asked my boss for Thursdays off."),
            ("lucia", "hard", "He asked why."),
            ("ben", "success", "Got off the bus early and walked."),
            ("ben", "plan", "Call Lee on the 30th."),
        ):
            line = {"round": opened["round"], "kind": kind, "text": text}
            lines.append((await patients[name].act("groups.add_line", line))["round_line"])
        for name, line in (("ben", lines[0]), ("lucia", lines[2])):
            word = {"line": line, "word": "proud_of_you", "text": "That took courage."}
            await patients[name].act("groups.support_line", word)
    await noor.act("groups.post_message", here | {"text": "We begin at 5:30 in Room 4 tonight."})
    mine = await noor.act("groups.post_message", here | {"text": "Bring your calendar, please."})
    for name, text in (("ben", "On my way."), ("lucia", "Llego diez minutos tarde.")):
        await patients[name].act("groups.post_message", here | {"text": text})
    new = {"id": str(uuid7()), "programme": group["programme"], "name": "Saturday walk"}
    await noor.act("groups.create", new | {"alias": "Noor"})
    return {"message": mine["message"], "new_group": new["id"]}


async def _use_tools(patients: dict[str, Patient], records: Any, noor: Staff) -> str:
    """What Ben and Lucia have done and shared. The id of the attempt to show."""
    ben, lucia = records["Ben"]["id"], records["Lucia"]["id"]
    wave = {"where": ["chest", "legs"], "feels_like": "Tight, then warm", "peak": 8, "wave": 540}
    surfed = await _attempt(patients["ben"], ben, "urge-surfing", wave, before=8, after=4)
    comment = "You stayed with it for nine minutes. That is the skill."
    review = {"id": str(uuid7()), "attempt": surfed, "comment": comment}
    await noor.act("practice.review_attempt", review)
    again = {"where": ["hands_arms"], "feels_like": "Like a fist in my chest", "peak": 6}
    await _attempt(patients["ben"], ben, "urge-surfing", again, before=7, after=3)
    thought = {
        "situation": "Boss asked in front of everyone why I leave early.",
        "emotions": ["Shame", "Anger"],
        "strength": 80,
        "thought": "I will let them down again.",
        "facts_for": ["I missed Teo's game in June."],
        "facts_against": ["I was at every group this month.", "Dee trusts me with the car."],
    }
    shown = await _attempt(patients["ben"], ben, "thought-record", thought, end=False, before=8)
    halt = {"needs": ["lonely", "tired"], "acts": ["Llamé a mi prima.", "Cené temprano."]}
    await _attempt(patients["lucia"], lucia, "halt", halt, before=6, after=5)
    planned = str(datetime.now(UTC).date() + timedelta(days=3))
    breathing = {
        "id": str(uuid7()),
        "record": lucia,
        "exercise": EXERCISES["box-breathing"],
        "due_on": planned,
        "note": "Haz la parte que te sirva.",
    }
    await noor.act("practice.assign_exercise", breathing)
    return shown


async def _attempt(
    patient: Patient, record: str, tool: str, answers: Any, *, end: bool = True, **rated: int
) -> str:
    id_, now = str(uuid7()), datetime.now(UTC)
    data: dict[str, Any] = {
        "id": id_,
        "record": record,
        "exercise": EXERCISES[tool],
        "version": 1,
        "started_at": (now - timedelta(minutes=12)).isoformat(),
        "finished_at": (now - timedelta(minutes=2)).isoformat() if end else None,
        "answers": answers,
    }
    await patient.act("practice.record_attempt", data | rated)
    return id_


async def _check_in(patient: Patient, record: str) -> None:
    for back, (mood, urge) in enumerate(zip(MOODS, URGES, strict=True)):
        day = datetime.now(UTC).date() - timedelta(days=back)
        data: dict[str, Any] = {"record": record, "local_date": str(day), "slot": "day"}
        await patient.act(
            "practice.record_check_in",
            {**data, "id": str(uuid7()), "mood": mood, "craving_now": urge},
        )


async def _come_and_miss(noor: Staff, ben: Patient, record: str, programme: str) -> None:
    """Ben's talks with Noor, of which he came to one; what he did after it; two people more."""
    today = datetime.now(UTC).date()
    talks = {
        "scope": f"care:{record}",
        "kind": "individual",
        "title": "Talk with Noor",
        "rule": "FREQ=DAILY;INTERVAL=3",
        "first_date": str(today - timedelta(days=9)),
        "times": ["10:00"],
        "minutes": 50,
        "place": "Room 4",
    }
    await noor.act("care.create_series", talks)
    for back, status in ((9, "present"), (6, "present"), (3, "absent")):
        day = today - timedelta(days=back)
        for session in await noor.read("care/sessions", scope=f"care:{record}", day=str(day)):
            came = {"record": record, "appointment": session["id"], "status": status}
            await noor.act("care.record_attendance", came)
    attempt: dict[str, Any] = {"id": str(uuid7()), "record": record, "version": 1}
    now = datetime.now(UTC)
    times = {"started_at": str(now - timedelta(minutes=9)), "finished_at": str(now)}
    [surfing] = [a for a in await noor.read("practice/assignments") if a["record"] == record]
    done = {"exercise": surfing["exercise"], "assignment": surfing["id"], "before": 8, "after": 4}
    await ben.act("practice.record_attempt", attempt | times | done)
    text = "My number has changed. It is 555-0117 now."
    asks = {"id": str(uuid7()), "record": record, "field": "phone", "wanted": text}
    await ben.act("care.request_correction", asks)
    seen = {"changes": {"called": "Benny"}, "expected": {"called": ""}, "reason": "He prefers it."}
    await noor.act("care.correct_person", {"record": record} | seen)
    for got, family, back in (("Omar", "Bell", 12), ("Ruth", "Dale", 2)):
        person = {
            "programme": programme,
            "given_name": got,
            "family_name": family,
            "date_of_birth": "1984-05-06",
            "email": f"{got.lower()}@mail.example",
            "level": "iop",
            "starts_on": str(today - timedelta(days=back)),
        }
        admitted = await noor.act("care.admit_patient", person)
        phone = {"record": admitted["record"], "changes": {"phone": "555-0142"}}
        await noor.act("care.correct_person", phone | {"expected": {"phone": ""}})


SUPPER = {
    "en": "Winter supper on Saturday, December 12, 6 PM, Room 5. Bring a dish or just yourself.",
    "es": "Cena de invierno el sábado 12 de diciembre, 6 p. m., sala 5. Trae un plato o solo ven.",
}
WALK = {
    "en": "Walk at the lake on Sunday, 10 AM. We meet at the boat house, and go round once.",
    "es": "Caminata en el lago el domingo, 10 a. m. Nos vemos en la casa de botes.",
}


async def _announce(ines: Staff) -> dict[str, str]:
    """An announcement that was sent, one that was put away and a draft."""
    programme = (await ines.read("groups/groups"))[0]["programme"]
    ids = {name: str(uuid7()) for name in ("sent", "put_away", "draft")}
    for name, id_ in ids.items():
        data = {"id": id_, "programme": programme, "text": WALK if name == "sent" else SUPPER}
        await ines.act("alumni.draft_announcement", data)
    await ines.act("alumni.announce", {"campaign": ids["sent"]})
    await ines.act("alumni.stop_announcement", {"campaign": ids["put_away"]})
    return ids


async def _planned(noor: Staff, record: str, sessions: list[dict[str, Any]]) -> dict[str, str]:
    """Talks with Ben, two group sessions that are canceled and one that is moved."""
    made = await noor.act(
        "care.create_series",
        {
            "scope": f"care:{record}",
            "kind": "individual",
            "title": "Talk with Noor",
            "rule": "FREQ=WEEKLY;BYDAY=TU,FR",
            "times": ["18:00"],
            "minutes": 50,
            "place": "Room 2",
            "first_date": sessions[0]["local_date"],
        },
    )
    ahead = [each for each in sessions if each["starts_at"] > datetime.now(UTC).isoformat()]
    off, moved, also_off, *_ = [{name: each[name] for name in SESSION} for each in ahead]
    for each in (off, also_off):
        reason = {"reason": "The heating in Room 2 is off."}
        await noor.act("care.cancel_session", each | reason)
    moves = {"new_time": "18:30", "place": "Room 4", "reason": "Room 2 is painted."}
    await noor.act("care.change_session", moved | moves)
    talk = (await noor.read("care/sessions", scope=f"care:{record}"))[-1]["id"]
    return {
        "talk": talk,
        "talks": made["series"],
        "canceled": ahead[0]["id"],
        "moved": ahead[1]["id"],
        "evenings": ahead[0]["series"],
    }


async def _meet(
    noor: Staff,
    group: dict[str, Any],
    records: dict[str, dict[str, Any]],
    patients: dict[str, Patient],
) -> str:
    """A session of the group that goes on now: Lucia says that she is here, Ben came late, and
    Rosa was marked too early. The session's id."""
    begins = (datetime.now(ZONE) - timedelta(minutes=40)).replace(second=0)
    series = {"kind": "education", "title": "Relapse prevention", "place": "Room 4"}
    when = {
        "rule": "FREQ=WEEKLY",
        "first_date": str(begins.date()),
        "times": [f"{begins:%H:%M}"],
        "minutes": 180,
    }
    await noor.act("care.create_series", {"scope": f"group:{group['id']}", **series, **when})
    held = await noor.read("care/sessions", day=str(begins.date()))
    session = next(row["id"] for row in held if row["title"] == series["title"])
    await patients["lucia"].act("care.report_arrival", {"appointment": session})
    late = str(begins + timedelta(minutes=20))
    corrected = {"status": "present", "reason": "Sat at the back"}
    for name, facts in (
        ("Rosa", {"status": "absent"}),
        ("Rosa", corrected),
        ("Ben", {"status": "present", "arrived_at": late}),
    ):
        which = {"record": records[name]["id"], "appointment": session}
        await noor.act("care.record_attendance", which | facts)
    return str(session)


async def _codes(staff: dict[str, Staff], ben: Any) -> dict[str, str]:
    """Codes that wait: of a colleague and of a person who is new, and one that needs approval."""
    noor, morgan = staff["noor"], staff["morgan"]
    programme = ben["programme"]
    person = {
        "programme": programme,
        "given_name": "Noah",
        "family_name": "Brandt",
        "date_of_birth": "1994-03-21",
        "email": "",
        "by_email": False,
        "level": "iop",
    }
    await noor.act("care.admit_patient", person)
    colleague = {
        "programme": programme,
        "given_name": "Kim",
        "family_name": "Osei",
        "email": "kim.osei@northlight.example",
        "role": "case_manager",
    }
    kim = await morgan.act("people.invite_staff", colleague)
    codes = await noor.read("people/invitations", user=ben["user_id"])
    again = {"invitation": codes[0]["id"], "by_email": False, "resets_factors": True}
    renewed = await noor.act("people.renew_invitation", again)
    return {"colleague": kim["user"], "waiting": renewed["invitation"]}
