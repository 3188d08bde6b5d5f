"""What people see of their connections and announcements."""

from __future__ import annotations

from rest_framework import serializers

from recovery.alumni.models import Campaign, Connection, InboxItem, Pair
from recovery.feed import Policy, document


@document("connection", Connection, conflict=Policy.STEPS)
class ConnectionDocument(serializers.ModelSerializer[Connection]):
    """The person's own side. `alias` and `programme_name` fill the blanks of the consent form."""

    card = serializers.UUIDField(source="card_id")
    pair = serializers.UUIDField(source="pair_id")
    programme_name = serializers.CharField(source="programme.name")

    class Meta:
        model = Connection
        fields = [
            "card",
            "alias",
            "avatar",
            "programme_name",
            "state",
            "asked_at",
            "answered_at",
            "ended_at",
            "pair",
        ]


@document("pair", Pair, conflict=Policy.STEPS)
class PairDocument(serializers.ModelSerializer[Pair]):
    class Meta:
        model = Pair
        fields = ["opened_at", "ended_at"]


@document("campaign", Campaign, conflict=Policy.STEPS)
class CampaignDocument(serializers.ModelSerializer[Campaign]):
    programme = serializers.UUIDField(source="programme_id")

    class Meta:
        model = Campaign
        fields = [
            "programme",
            "text",
            "state",
            "drafted_by",
            "drafted_at",
            "announced_by",
            "announced_at",
            "sent_at",
            "reached",
            "held_back",
        ]


@document("inbox_item", InboxItem, conflict=Policy.SERVER_OWNED)
class InboxItemDocument(serializers.ModelSerializer[InboxItem]):
    """An announcement. The phone shows `text` in its own language."""

    programme_name = serializers.CharField(source="programme.name")

    class Meta:
        model = InboxItem
        fields = ["programme_name", "text", "received_at"]
