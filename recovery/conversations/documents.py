"""What the members of a group or pair see of each other."""

from __future__ import annotations

from rest_framework import serializers

from foundation.fields import TEXT, WHOLE_NUMBER, a_list, an_object, one_of
from recovery.actions.self_reports import SelfReportDocument
from recovery.conversations.models import Block, MemberCard, Message, ReadMarker
from recovery.feed import Policy, document
from recovery.feed.ids import BY_PHONE, BY_SERVER, derived
from recovery.feed.shapes import Shaped

ATTACHMENT = an_object(
    optional=("width", "height", "duration_ms"),
    sha256=TEXT | {"description": "of the bytes as they were sent: the file's name"},
    content_sha256=TEXT | {"description": "of the bytes that are served"},
    size=WHOLE_NUMBER,
    kind=one_of("image", "audio"),
    media_type=TEXT,
    width=WHOLE_NUMBER,
    height=WHOLE_NUMBER,
    duration_ms=WHOLE_NUMBER,
)


@document(
    "member_card",
    MemberCard,
    conflict=Policy.STEPS,
    scopes=(
        "group",
        "pair",
    ),
    ids=derived("{scope}", "{user}"),
    actions=(
        "alumni.accept_connection",
        "alumni.request_connection",
        "groups.add_facilitator",
        "groups.create",
        "groups.join",
        "groups.leave",
        "groups.remove_member",
        "groups.step_back",
        "privacy.revoke_consent",
    ),
)
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


@document(
    "message",
    Message,
    conflict=Policy.AUTHOR_WITH_BASE,
    said_at="received_at",
    scopes=(
        "group",
        "pair",
    ),
    ids=BY_PHONE,
    actions=(
        "alumni.edit_message",
        "alumni.post_message",
        "alumni.withdraw_message",
        "groups.edit_message",
        "groups.post_message",
        "groups.withdraw_message",
    ),
)
class MessageDocument(SelfReportDocument):
    author = serializers.UUIDField(source="author_id")
    attachments = Shaped(a_list(ATTACHMENT))
    reply_to = serializers.UUIDField(source="reply_to_id", allow_null=True)

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


@document(
    "read_marker",
    ReadMarker,
    conflict=Policy.FURTHEST_WINS,
    scopes=("person",),
    ids=derived("{scope}", "{document.scope}", made_by="phone"),
    actions=(
        "alumni.mark_read",
        "groups.mark_read",
    ),
)
class ReadMarkerDocument(serializers.ModelSerializer[ReadMarker]):
    scope = serializers.UUIDField(source="read_scope_id")

    class Meta:
        model = ReadMarker
        fields = ["scope", "seq"]


@document(
    "block",
    Block,
    conflict=Policy.STEPS,
    scopes=("person",),
    ids=BY_SERVER,
    actions=(
        "alumni.block_person",
        "alumni.unblock_person",
    ),
)
class BlockDocument(serializers.ModelSerializer[Block]):
    card = serializers.UUIDField(source="card_id")

    class Meta:
        model = Block
        fields = ["card", "alias", "since"]
