"""What phones see of a programme, of a record, its episodes, its team and its corrections."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from foundation.fields import ID, TEXT, WHOLE_NUMBER, a_list, an_object
from recovery.actions.self_reports import SelfReportDocument
from recovery.care.models import (
    CareRecord,
    CareTeamMember,
    CorrectionRequest,
    Episode,
    EpisodeChapter,
    LevelChange,
    LevelOfCare,
    ProgrammeCard,
    RecordCorrection,
)
from recovery.feed import Policy, document
from recovery.feed.ids import BY_PHONE, BY_SERVER, OF_SCOPE
from recovery.feed.shapes import BY_LOCALE, Shaped

SESSIONS_CHANGED = an_object(
    series=ID.schema, title=TEXT, kind=TEXT, stopped=WHOLE_NUMBER, returned=WHOLE_NUMBER
)
GROUP_KEPT = an_object(scope=TEXT, stopped=a_list(TEXT, description="titles of series"))


@document(
    "programme",
    ProgrammeCard,
    conflict=Policy.SERVER_OWNED,
    scopes=("program",),
    ids=OF_SCOPE,
    actions=(
        "care.change_settings",
        "care.load_programme",
    ),
)
class ProgrammeDocument(serializers.ModelSerializer[ProgrammeCard]):
    """The programme's settings, such as helplines, staffed hours, levels and house rules."""

    class Meta:
        model = ProgrammeCard
        fields: list[str] = []

    def to_representation(self, card: ProgrammeCard) -> dict[str, Any]:
        return dict(card.content)


@document(
    "care_record",
    CareRecord,
    conflict=Policy.SERVER_OWNED,
    shown=lambda record: record.entered_in_error_at is None,
    scopes=("care",),
    ids=OF_SCOPE,
    actions=(
        "care.admit_patient",
        "care.begin_level",
        "care.change_level",
        "care.correct_person",
        "care.end_episode",
        "care.link_records",
        "care.make_alumnus",
        "care.readmit",
        "care.reopen_episode",
        "care.undo_admission",
        "care.unlink_records",
    ),
)
class CareRecordDocument(serializers.ModelSerializer[CareRecord]):
    """The person as their care team sees them."""

    class Meta:
        model = CareRecord
        fields = [
            "programme",
            "user_id",
            "given_name",
            "family_name",
            "name_text",
            "called",
            "date_of_birth",
            "locale",
            "email",
            "phone",
            "opened_at",
            "alumnus_since",
            "replaced_by",
        ]


@document(
    "episode",
    Episode,
    conflict=Policy.SERVER_OWNED,
    scopes=("care",),
    ids=BY_SERVER,
    actions=(
        "care.admit_patient",
        "care.end_episode",
        "care.link_records",
        "care.readmit",
        "care.reopen_episode",
        "care.undo_admission",
        "care.unlink_records",
    ),
)
class EpisodeDocument(serializers.ModelSerializer[Episode]):
    """One course of care; its levels are the chapters. `end_reason` and `follows` are codes."""

    class Meta:
        model = Episode
        fields = ["record", "started_on", "ended_on", "end_reason", "follows", "referred_to"]


@document(
    "episode_chapter",
    EpisodeChapter,
    conflict=Policy.SERVER_OWNED,
    scopes=("care",),
    ids=BY_SERVER,
    actions=(
        "care.admit_patient",
        "care.change_level",
        "care.make_alumnus",
        "care.readmit",
    ),
)
class EpisodeChapterDocument(serializers.ModelSerializer[EpisodeChapter]):
    """A level of care from a date until the next chapter."""

    level = serializers.SlugRelatedField[LevelOfCare](slug_field="code", read_only=True)

    class Meta:
        model = EpisodeChapter
        fields = [
            "episode",
            "level",
            "asam_edition",
            "asam_code",
            "minutes_target",
            "from_date",
            "reason",
            "decided_by",
            "recorded_at",
        ]


@document(
    "level_change",
    LevelChange,
    conflict=Policy.SERVER_OWNED,
    scopes=("care",),
    ids=BY_SERVER,
    actions=(
        "care.change_level",
        "care.make_alumnus",
    ),
)
class LevelChangeDocument(serializers.ModelSerializer[LevelChange]):
    """What changed with a level of care: hours, sessions, and groups that stay.

    `lines` says it to the patient: show the texts in their language, in order.
    """

    sessions = Shaped(a_list(SESSIONS_CHANGED))
    groups = Shaped(a_list(GROUP_KEPT))
    lines = Shaped(a_list(an_object(code=TEXT, text=BY_LOCALE)))

    class Meta:
        model = LevelChange
        fields = [
            "record",
            "chapter",
            "from_date",
            "level_before",
            "level",
            "minutes_before",
            "minutes_target",
            "sessions",
            "groups",
            "lines",
            "recorded_at",
        ]


@document(
    "care_team_member",
    CareTeamMember,
    conflict=Policy.SERVER_OWNED,
    scopes=("care",),
    ids=BY_SERVER,
    actions=(
        "care.admit_patient",
        "care.assign_team_member",
        "care.end_episode",
        "care.end_team_member",
        "care.make_alumnus",
        "care.reopen_episode",
        "care.undo_admission",
        "people.change_role",
        "people.end_staff",
    ),
)
class CareTeamMemberDocument(serializers.ModelSerializer[CareTeamMember]):
    """A member of the care team. Their name is in their `staff_member`."""

    class Meta:
        model = CareTeamMember
        fields = ["record", "user_id", "role", "since", "until"]


@document(
    "record_correction",
    RecordCorrection,
    conflict=Policy.SERVER_OWNED,
    scopes=("care",),
    ids=BY_SERVER,
    actions=("care.correct_person",),
)
class RecordCorrectionDocument(serializers.ModelSerializer[RecordCorrection]):
    """What staff corrected in a record: `field` is a code, `before` and `after` its values."""

    class Meta:
        model = RecordCorrection
        fields = [
            "record",
            "field",
            "before",
            "after",
            "reason",
            "request",
            "corrected_by",
            "corrected_at",
        ]


@document(
    "correction_request",
    CorrectionRequest,
    conflict=Policy.APPEND_ONLY,
    scopes=("care",),
    ids=BY_PHONE,
    actions=(
        "care.answer_correction_request",
        "care.correct_person",
        "care.request_correction",
    ),
)
class CorrectionRequestDocument(SelfReportDocument):
    """What a person asks to have corrected, and the answer of staff."""

    class Meta:
        model = CorrectionRequest
        fields = [
            "record",
            "field",
            "wanted",
            "asked_at",
            "state",
            "answer",
            "answered_by",
            "answered_at",
            "unread",
        ]
