"""What the members of a group or pair see of each other."""

from __future__ import annotations

from rest_framework import serializers

from recovery.actions.self_reports import SelfReportDocument
from recovery.conversations.models import Block, MemberCard, Message, ReadMarker
from recovery.feed import Policy, document


@document("member_card", MemberCard, conflict=Policy.STEPS)
class MemberCardDocument(serializers.ModelSerializer[MemberCard]):
    """A member who has left keeps an empty card, so that their messages still have an author."""

    alias = serializers.SerializerMethodField()
    avatar = serializers.SerializerMethodField()

    class Meta:
        model = MemberCard
        fields = ["alias", "avatar", "role", "joined_at", "left_at"]

    def get_alias(self, card: MemberCard) -> str:
        return "" if card.left_at else card.alias

    def get_avatar(self, card: MemberCard) -> str:
        return "" if card.left_at else card.avatar


@document("message", Message, conflict=Policy.AUTHOR_WITH_BASE, said_at="received_at")
class MessageDocument(SelfReportDocument):
    author = serializers.UUIDField(source="author_id")
    reply_to = serializers.UUIDField(source="reply_to_id")

    class Meta:
        model = Message
        fields = [
            "author",
            "text",
            "attachments",
            "reply_to",
            "written_at",
            "received_at",
            "edited_at",
            "withdrawn_at",
            "unread",
        ]


@document("read_marker", ReadMarker, conflict=Policy.FURTHEST_WINS)
class ReadMarkerDocument(serializers.ModelSerializer[ReadMarker]):
    scope = serializers.UUIDField(source="read_scope_id")

    class Meta:
        model = ReadMarker
        fields = ["scope", "seq"]


@document("block", Block, conflict=Policy.STEPS)
class BlockDocument(serializers.ModelSerializer[Block]):
    card = serializers.UUIDField(source="card_id")

    class Meta:
        model = Block
        fields = ["card", "alias", "since"]
