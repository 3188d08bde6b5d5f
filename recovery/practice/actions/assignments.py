"""A counsellor assigns an exercise, and may take the assignment back."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from rest_framework import serializers

from notifications import queue
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Text
from recovery.care.models import CareRecord
from recovery.feed import publish
from recovery.people import roles
from recovery.practice import queries
from recovery.practice.models import Assignment
from recovery.practice.notification_types import ASSIGNED
from recovery.practice.rules.access import treats

FARTHEST_DUE = timedelta(days=366)


class AssignExercise(ActionInput):
    id = serializers.UUIDField()
    record = Ref(CareRecord)
    exercise = serializers.UUIDField()
    due_on = serializers.DateField(required=False, allow_null=True)
    note = Text(max_length=1000, allow_blank=True, default="")

    def validate_exercise(self, exercise_id: uuid.UUID) -> uuid.UUID:
        latest = queries.latest_version(exercise_id)
        if latest is None or latest.content["withdrawn"]:
            raise serializers.ValidationError("This exercise is not in the library.")
        return exercise_id

    def validate_due_on(self, due_on: date | None) -> date | None:
        # One day of grace: in the patient's time zone it may still be yesterday.
        today = self.context["now"].date()
        if due_on and due_on < today - timedelta(days=1):
            raise serializers.ValidationError("This date is in the past.")
        if due_on and due_on > today + FARTHEST_DUE:
            raise serializers.ValidationError(
                f"You typed {due_on}. An exercise can be due until {today + FARTHEST_DUE}."
            )
        return due_on


@action("practice.assign_exercise", input=AssignExercise, allow=treats("record"))
def assign_exercise(
    call: Call,
    *,
    id: uuid.UUID,
    record: CareRecord,
    exercise: uuid.UUID,
    note: str,
    due_on: date | None = None,
) -> dict[str, str]:
    """Ask the patient of a care record to do an exercise, by a date if there is one."""
    assignment = Assignment(
        id=id,
        scope_id=record.scope_id,
        exercise_id=exercise,
        due_on=due_on,
        note=note,
        assigned_by=call.actor.id,
        assigned_at=call.now,
    )
    assignment.save(force_insert=True)
    publish(assignment)
    queue.push(ASSIGNED, scope_id=assignment.scope_id, role=roles.PATIENT)
    return {"assignment": str(assignment.id)}


class WithdrawAssignment(ActionInput):
    assignment = Ref(Assignment, lock=True)


@action("practice.withdraw_assignment", input=WithdrawAssignment, allow=treats("assignment"))
def withdraw_assignment(call: Call, *, assignment: Assignment) -> dict[str, str]:
    """Take an assignment off the patient's list. Attempts made for it stay.

    Refused: `withdrawn` already.
    """
    if assignment.withdrawn_at:
        raise Refused(
            "withdrawn", "This assignment has already been taken back.", current=assignment
        )
    assignment.withdrawn_at = call.now
    assignment.save(update_fields=["withdrawn_at"])
    publish(assignment)
    return {"assignment": str(assignment.id)}
