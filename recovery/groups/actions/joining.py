"""A patient accepts or declines an invitation to a group (J12, E5, E8)."""

from __future__ import annotations

from collections.abc import Iterable

from rest_framework import serializers

from foundation.text import looks_like, reveals
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Code, Name
from recovery.actions.jobs import later
from recovery.care.models import CareRecord
from recovery.conversations.actions import open_card, require_own_alias
from recovery.conversations.queries import cards
from recovery.feed import publish, scopes
from recovery.feed.context import acting_as
from recovery.groups import queries
from recovery.groups.actions.groups import close_invitation
from recovery.groups.models import GroupInvitation, PeerGroup
from recovery.groups.rules import is_own_invitation
from recovery.people import roles
from recovery.privacy.actions.consents import Signed, SignedConsent, record_consent
from recovery.privacy.queries import acknowledgement
from recovery.privacy.rules.wording import GROUP_CONSENT

LIKE_STAFF = "This looks like someone on the staff here. Please choose another name."


class JoinGroup(ActionInput):
    """`avatar`: one of the app's own pictures. Photos of faces cannot be uploaded."""

    invitation = Ref(GroupInvitation, lock=True)
    alias = Name(max_length=40)
    avatar = Code(max_length=40, default="", allow_blank=True)
    rules_accepted = serializers.BooleanField()
    consent = SignedConsent()


@action("groups.join", input=JoinGroup, allow=is_own_invitation)
def join(
    call: Call,
    *,
    invitation: GroupInvitation,
    alias: str,
    avatar: str,
    rules_accepted: bool,
    consent: Signed,
) -> dict[str, str]:
    """Sign the consent, accept the house rules and join the group under an alias.

    Refused: `answered`, `rules_not_accepted`, `notice_first`, `alias_is_legal_name`,
    `alias_taken`, `full`, `closed`, and what `record_consent` refuses.
    """
    _require_open(invitation)
    if not rules_accepted:
        raise Refused("rules_not_accepted", "To join, please accept the house rules.")
    if acknowledgement(call.actor.id) is None:
        raise Refused("notice_first", "Please confirm the privacy notice first.")
    record = CareRecord.objects.in_scope(invitation.record_id).get()
    _require_private(alias, record)
    record_consent(
        call,
        consent,
        kind=GROUP_CONSENT,
        scope_id=record.scope_id,
        subject_id=invitation.group_id,
        patient_name=record.legal_name,
        names={"programme": invitation.programme.name, "group": invitation.group_name},
    )
    group = _become_member(call, invitation)
    close_invitation(call, invitation, "joined")
    require_own_alias(group.id, alias, call.actor.id)
    # "Robin 2" beside the facilitator Robin would pass for her.
    led_by = cards(group.id).filter(role=roles.FACILITATOR)
    _require_no_staff(alias, led_by.values_list("alias", flat=True))
    card = open_card(call, group.id, call.actor.id, alias=alias, avatar=avatar, role=roles.MEMBER)
    # Published again, because a newcomer sees only what is published after they joined.
    for row in queries.shown_to_newcomers(group):
        publish(row)
    return {"group": str(group.id), "member_card": str(card.id)}


class DeclineInvitation(ActionInput):
    invitation = Ref(GroupInvitation, lock=True)


@action("groups.decline_invitation", input=DeclineInvitation, allow=is_own_invitation)
def decline_invitation(call: Call, *, invitation: GroupInvitation) -> dict[str, str]:
    """Decline. No one is notified. Refused: `answered`."""
    _require_open(invitation)
    close_invitation(call, invitation, "declined")
    return {"group_invitation": str(invitation.id)}


def _require_open(invitation: GroupInvitation) -> None:
    if invitation.state != "open":
        raise Refused("answered", "This invitation has already been answered.", current=invitation)


def _require_private(alias: str, record: CareRecord) -> None:
    """Refused: `alias_is_legal_name`, and `alias_taken` by a member of staff: no patient may seem
    to speak as the counsellor."""
    if reveals(alias, [record.given_name, record.family_name, record.name_text, record.called]):
        raise Refused(
            "alias_is_legal_name",
            "People could know your real name from this one."
            " Please choose a name that keeps you private.",
        )
    _require_no_staff(alias, roles.TITLES)
    for given_name, family_name, whole_name in queries.staff_names(record.programme_id):
        _require_no_staff(alias, [family_name or given_name, whole_name])
        if given_name and looks_like(alias, given_name):
            raise Refused("alias_taken", LIKE_STAFF)


def _require_no_staff(alias: str, names: Iterable[str]) -> None:
    if reveals(alias, names):
        raise Refused("alias_taken", LIKE_STAFF)


def _become_member(call: Call, invitation: GroupInvitation) -> PeerGroup:
    # Only a member can grant a membership, so someone who leads the group grants it. The lock of
    # the group keeps two people from taking the last place.
    leader = queries.leader_for_invited(invitation)
    if leader is None:
        raise Refused("closed", "Nobody leads this group right now. Please ask your counselor.")
    of = {"person": leader, "invitation": invitation.id}
    with acting_as(leader, by="act_for_leader", of=of):
        group = PeerGroup.objects.in_scope(invitation.group_id).select_for_update(no_key=True).get()
        if queries.is_full(group):
            raise Refused("full", "This group is full.")
        scopes.grant(group.id, call.actor.id, roles.MEMBER, from_now=True)
    later("care.welcome", scope_id=str(group.id), user_id=str(call.actor.id))
    return group
