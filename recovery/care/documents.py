"""What phones see of care. A document is made from its own row alone, so that it can always be
made again from it."""

from typing import Any

from rest_framework import serializers

from recovery.care.models import ProgrammeCard
from recovery.feed import document


@document("programme", ProgrammeCard)
class ProgrammeDocument(serializers.ModelSerializer[ProgrammeCard]):
    """The programme's settings: helplines, staffed hours, levels, house rules, ..."""

    def to_representation(self, card: ProgrammeCard) -> dict[str, Any]:
        return dict(card.content)

    class Meta:
        model = ProgrammeCard
        fields: list[str] = []
