"""A few days in the lives of the demonstration people, so that the console has something to show.

Everything happens through the API, as it would.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

from tools.demo.product import Product
from tools.demo.staff import Staff

BORN = {"ben": "1988-02-11", "lucia": "1995-09-30", "rosa": "1979-06-02"}
MOODS = [3, 4, 2, 4, 3]
URGES = [5, 3, 8, 6, 4]


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
        patients[name] = patient
    record = records["Ben"]["id"]
    await _check_in(patients["ben"], record)
    [group, *_] = await noor.read("groups/groups")
    text = "I walked home the long way and called my sister."
    await patients["ben"].act(
        "groups.post_message", {"group": group["id"], "id": str(uuid7()), "text": text}
    )
    sessions = await noor.read("care/sessions")
    ids = {"record": record, "group": group["id"], "session": sessions[0]["id"]}
    for person in patients.values():
        await person.close()
    return ids


async def _check_in(patient: Patient, record: str) -> None:
    for back, (mood, urge) in enumerate(zip(MOODS, URGES, strict=True)):
        day = datetime.now(UTC).date() - timedelta(days=back)
        data: dict[str, Any] = {"record": record, "local_date": str(day), "slot": "day"}
        await patient.act(
            "practice.record_check_in",
            {**data, "id": str(uuid7()), "mood": mood, "craving_now": urge},
        )
