"""What was wrong in a record: corrections by staff, and what a person asks to have corrected."""

from django.db import models
from django.db.models import DO_NOTHING

from recovery.actions.models import SelfReported
from recovery.care.models.record import CareRecord
from recovery.feed.models import Scoped
from recovery.people.models import CorrectionFacts

# What can be corrected about a person in care. A sign-in address is not among them: with it, staff
# could take over an account.
CORRECTABLE = (
    "given_name",
    "family_name",
    "name_text",
    "called",
    "date_of_birth",
    "email",
    "phone",
    "locale",
)
OTHER = "other"  # a person may ask for something else


class CorrectionRequest(SelfReported, Scoped):
    """A person asks to have their record corrected (45 CFR 164.526). Staff answer with a reason.

    `asked_field` is as the phone sent it. Phones show `field`.
    """

    record = models.ForeignKey(CareRecord, DO_NOTHING, db_constraint=False)
    field = models.TextField(choices=[(f, f) for f in (*CORRECTABLE, OTHER)])
    asked_field = models.TextField()
    wanted = models.TextField(help_text="in the person's words")
    asked_at = models.DateTimeField()
    state = models.TextField(
        choices=[(s, s) for s in ("open", "accepted", "declined")], default="open"
    )
    answer = models.TextField(blank=True)
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)


class RecordCorrection(CorrectionFacts, Scoped):
    """One corrected fact of a care record. The person and their care team see it."""

    append_only = True

    record = models.ForeignKey(CareRecord, DO_NOTHING, db_constraint=False)
    request = models.ForeignKey(CorrectionRequest, DO_NOTHING, null=True, db_constraint=False)
