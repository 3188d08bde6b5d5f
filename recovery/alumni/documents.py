"""What people see of their connections and announcements."""

from __future__ import annotations

from rest_framework import serializers

from recovery.alumni.models import Campaign, Connection, InboxItem, Pair
from recovery.feed import Policy, document
from recovery.feed.ids import BY_PHONE, BY_SERVER, OF_SCOPE
from recovery.feed.shapes import BY_LOCALE, Shaped


@document(
    "connection",
    Connection,
    conflict=Policy.STEPS,
    scopes=("person",),
    ids=BY_SERVER,
    actions=(
        "alumni.accept_connection",
        "alumni.block_person",
        "alumni.decline_connection",
        "alumni.end_connection",
        "alumni.request_connection",
        "privacy.revoke_consent",
    ),
)
class ConnectionDocument(serializers.ModelSerializer[Connection]):
    """The person's own side. `alias` and `programme_name` fill the blanks of the consent form."""

    card = serializers.UUIDField(source="card_id")
    pair = serializers.UUIDField(source="pair_id", allow_null=True)
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


@document(
    "pair",
    Pair,
    conflict=Policy.STEPS,
    scopes=("pair",),
    ids=OF_SCOPE,
    actions=(
        "alumni.accept_connection",
        "alumni.block_person",
        "alumni.end_connection",
        "alumni.request_connection",
        "privacy.revoke_consent",
    ),
)
class PairDocument(serializers.ModelSerializer[Pair]):
    class Meta:
        model = Pair
        fields = ["opened_at", "ended_at"]


@document(
    "campaign",
    Campaign,
    conflict=Policy.STEPS,
    scopes=("staff",),
    ids=BY_PHONE,
    actions=(
        "alumni.announce",
        "alumni.change_announcement",
        "alumni.count_announcement",
        "alumni.draft_announcement",
        "alumni.finish_announcement",
        "alumni.stop_announcement",
    ),
)
class CampaignDocument(serializers.ModelSerializer[Campaign]):
    programme = serializers.UUIDField(source="programme_id")
    text = Shaped(BY_LOCALE)

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
            "stopped_by",
            "stopped_at",
            "planned",
            "reached",
            "held_back",
        ]


@document(
    "inbox_item",
    InboxItem,
    conflict=Policy.SERVER_OWNED,
    scopes=("person",),
    ids=BY_SERVER,
    actions=("alumni.deliver_announcement",),
)
class InboxItemDocument(serializers.ModelSerializer[InboxItem]):
    """An announcement. The phone shows `text` in its own language."""

    programme_name = serializers.CharField(source="programme.name")
    text = Shaped(BY_LOCALE)

    class Meta:
        model = InboxItem
        fields = ["programme_name", "text", "received_at"]
