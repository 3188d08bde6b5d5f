"""A patient says yes, or no, to a group (J12, E5, E8)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.jobs import later
from recovery.care.models import CareRecord
from recovery.conversations.actions import open_card
from recovery.feed import publish, scopes
from recovery.feed.context import acting_as
from recovery.groups import queries
from recovery.groups.actions.groups import settle
from recovery.groups.models import GroupInvitation, PeerGroup
from recovery.groups.rules import is_own_invitation, tells_family_name
from recovery.privacy.actions.consents import SignedConsent, record_consent
from recovery.privacy.queries import acknowledgement


class JoinGroup(ActionInput):
    """`avatar` is one of the app's pictures; there are no uploads of faces."""

    invitation = Ref(GroupInvitation, lock=True)
    alias = serializers.CharField(max_length=40)
    avatar = serializers.SlugField(max_length=40, default="", allow_blank=True)
    rules_accepted = serializers.BooleanField()
    consent = SignedConsent()


@action("groups.join", input=JoinGroup, allow=is_own_invitation)
def join(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Sign the consent, accept the house rules, and be seen under an alias from now on.

    Refused: `answered`, `rules_not_accepted`, `notice_first`, `alias_is_legal_name`,
    `alias_taken`, `full`, `closed`, and what `record_consent` refuses.
    """
    invitation = data["invitation"]
    record = CareRecord.objects.in_scope(invitation.record_id).get()
    _require_ready(call, data, record)
    _sign(call, data, record)
    group = _come_in(call, invitation)
    settle(call, invitation, "joined")
    card = open_card(
        call,
        group.id,
        call.actor.id,
        alias=data["alias"],
        avatar=data["avatar"],
        role="member",
    )
    for row in queries.shown_to_newcomers(group):
        publish(row)
    return {"group": str(group.id), "member_card": str(card.id)}


class DeclineInvitation(ActionInput):
    invitation = Ref(GroupInvitation, lock=True)


@action("groups.decline_invitation", input=DeclineInvitation, allow=is_own_invitation)
def decline_invitation(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Say no; nobody is told. Refused: `answered`."""
    _require_open(data["invitation"])
    settle(call, data["invitation"], "declined")
    return {"group_invitation": str(data["invitation"].id)}


def _require_ready(call: Call, data: dict[str, Any], record: CareRecord) -> None:
    _require_open(data["invitation"])
    if not data["rules_accepted"]:
        raise Refused("rules_not_accepted", "The house rules are part of joining.")
    if acknowledgement(call.actor.id) is None:
        raise Refused("notice_first", "Please confirm the privacy notice first.")
    if tells_family_name(data["alias"], record.family_name):
        raise Refused("alias_is_legal_name", "This name would tell the others who you are.")


def _require_open(invitation: GroupInvitation) -> None:
    if invitation.state != "open":
        raise Refused("answered", "This invitation was answered already.", current=invitation)


def _sign(call: Call, data: dict[str, Any], record: CareRecord) -> None:
    invitation = data["invitation"]
    record_consent(
        call,
        data["consent"],
        kind="peer_group_visibility",
        scope_id=record.scope_id,
        subject_id=invitation.group_id,
        patient_name=f"{record.given_name} {record.family_name}",
        names={"programme": invitation.programme.name, "group": invitation.group_name},
    )


def _come_in(call: Call, invitation: GroupInvitation) -> PeerGroup:
    # Only somebody inside can let another in. The patient comes in on the word of the
    # facilitator who invited them, and it holds for as long as that person leads the group.
    with acting_as(invitation.invited_by):
        group = queries.group_in(invitation.group_id, lock=True)
        if group is None:
            raise Refused("closed", "This invitation does not stand any more. Ask for a new one.")
        if queries.is_full(group):
            raise Refused("full", "This group has no free place.")
        scopes.grant(group.id, call.actor.id, "member", from_now=True)
    later("care.welcome", scope_id=str(group.id), user_id=str(call.actor.id))
    return group
