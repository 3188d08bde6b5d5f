"""Who may assign, review and sign."""

from __future__ import annotations

from typing import Any

from recovery.actions import Call, rule
from recovery.people.roles import Duty, has_duty


def treats(name: str) -> rule:
    @rule
    def treats_patient(call: Call, data: dict[str, Any]) -> bool:
        """Members of the care team who treat the patient (`treats`)."""
        return has_duty(data[name].scope_id, call.actor.id, Duty.TREATS)

    return treats_patient
