"""The members of a group or pair, as the others see them, and their messages."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import DO_NOTHING, F, Q
from django.db.models.functions import Lower

from recovery.actions.models import SelfReported
from recovery.feed.models import Personal, Scoped
from recovery.people.roles import FACILITATOR, MEMBER

ROLES = [(role, role) for role in (MEMBER, FACILITATOR)]


class MemberCard(Scoped):
    """One person in one group or pair. Phones never get `user_id`: documents refer to cards.

    The alias is the only name, so that nothing in the scope reveals who a member is, or that the
    same person is in two groups.
    """

    user_id = models.UUIDField()
    alias = models.TextField()
    avatar = models.TextField(blank=True, help_text="one of the app's pictures")
    role = models.TextField(choices=ROLES)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("scope_id"), Lower("alias"), condition=Q(left_at=None), name="alias_once"
            ),
            models.CheckConstraint(condition=~Q(alias=""), name="alias_given"),
        ]

    @staticmethod
    def id_of(scope_id: uuid.UUID, user_id: uuid.UUID) -> uuid.UUID:
        """The same on every phone of the person, but different in every scope."""
        return uuid.uuid5(scope_id, str(user_id))


class Message(SelfReported, Scoped):
    """A message. The phone makes the id. A withdrawn message stays, without text and files."""

    # No index: no query selects messages by author, and every insert would have to update it.
    author = models.ForeignKey(MemberCard, DO_NOTHING, db_constraint=False, db_index=False)
    text = models.TextField(blank=True)
    attachments = models.JSONField(default=list, help_text="recovery.blobs.actions.described")
    reply_to = models.ForeignKey("self", DO_NOTHING, db_constraint=False, null=True, db_index=False)
    written_at = models.DateTimeField(help_text="as far as we can know")
    received_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) & (~Q(text="") | ~Q(attachments=[]))
                | Q(withdrawn_at__isnull=False, text="", attachments=[]),
                name="message_says_something_until_withdrawn",
            )
        ]
        indexes = [
            models.Index(fields=["scope_id", "received_at", "id"], name="messages_in_order"),
            models.Index(
                fields=["reply_to"], condition=Q(reply_to__isnull=False), name="message_replies"
            ),
        ]


class MessageVersion(Scoped):
    """An earlier text of a message. It is kept, but no longer sent to phones."""

    append_only = True

    message = models.ForeignKey(Message, DO_NOTHING, db_constraint=False)
    text = models.TextField()
    replaced_at = models.DateTimeField()


class ReadMarker(Personal):
    """How far one person has read in a group or pair. It never moves back."""

    read_scope_id = models.UUIDField()
    seq = models.BigIntegerField()

    @staticmethod
    def id_of(user_id: uuid.UUID, read_scope_id: uuid.UUID) -> uuid.UUID:
        return uuid.uuid5(user_id, str(read_scope_id))


class Block(Personal):
    """A person blocked by this user, who is never notified of it."""

    blocked_user_id = models.UUIDField()
    card_id = models.UUIDField(help_text="by which the person knew them")
    alias = models.TextField()
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "blocked_user_id"], name="blocked_once")
        ]
