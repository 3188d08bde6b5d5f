"""The audit in words: what someone did, and what they read. Never what anybody wrote."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

AREAS = {
    "care": _("Care, sessions and hours"),
    "groups": _("Groups"),
    "practice": _("Check-ins and tools"),
    "alumni": _("Alumni"),
    "people": _("People and devices"),
    "privacy": _("Notices and consents"),
}
DID: dict[str, Promise | str] = {
    "alumni.accept_connection": _("Accepted a connection"),
    "alumni.announce": _("Sent a message to alumni"),
    "alumni.block_person": _("Blocked a person"),
    "alumni.decline_connection": _("Declined a connection"),
    "alumni.deliver_announcement": _("Put a message into an inbox"),
    "alumni.change_announcement": _("Changed a draft for alumni"),
    "alumni.count_announcement": _("Counted whom an announcement reached"),
    "alumni.draft_announcement": _("Wrote a draft for alumni"),
    "alumni.stop_announcement": _("Stopped an announcement to alumni"),
    "alumni.edit_message": _("Changed a message of their own"),
    "alumni.end_connection": _("Ended a connection"),
    "alumni.finish_announcement": _("Counted whom a message reached"),
    "alumni.mark_read": _("Read messages"),
    "alumni.post_message": _("Wrote a message"),
    "alumni.request_connection": _("Asked for a connection"),
    "alumni.unblock_person": _("Unblocked a person"),
    "alumni.withdraw_message": _("Took a message back"),
    "care.admit_patient": _("Admitted a person"),
    "care.answer_correction_request": _("Answered a request to correct"),
    "care.assign_team_member": _("Added someone to the care team"),
    "care.begin_level": _("Began a planned level of care"),
    "care.cancel_session": _("Canceled a session"),
    "care.change_level": _("Changed the level of care"),
    "care.change_series": _("Changed sessions from a date on"),
    "care.change_session": _("Moved a session"),
    "care.change_settings": _("Changed settings of the program"),
    "care.correct_person": _("Corrected facts about a person"),
    "care.create_series": _("Put sessions on the timetable"),
    "care.end_episode": _("Ended a course of care"),
    "care.end_series": _("Ended sessions from a date on"),
    "care.end_team_member": _("Took someone off the care team"),
    "care.extend_series": _("Added the sessions of the next weeks"),
    "care.follow_time_zones": _("Moved sessions with the clock"),
    "care.link_records": _("Linked two records"),
    "care.load_programme": _("Loaded the preset of the program"),
    "care.make_alumnus": _("Made a patient an alumnus"),
    "care.plan_reminders": _("Planned reminders"),
    "care.readmit": _("Took a person into care again"),
    "care.record_attendance": _("Recorded attendance"),
    "care.reopen_episode": _("Took the end of care back"),
    "care.report_arrival": _("Said “I am here”"),
    "care.request_correction": _("Asked to have the record corrected"),
    "care.restore_session": _("Undid the cancellation of a session"),
    "care.set_reminder_preferences": _("Set their reminders"),
    "care.show_timetable": _("Showed the timetable to a new member"),
    "care.turn_week": _("Began the hours of a week"),
    "care.undo_admission": _("Took an admission back"),
    "care.unlink_records": _("Unlinked two records"),
    "groups.add_facilitator": _("Added a facilitator"),
    "groups.add_line": _("Added a line to a go-round"),
    "groups.close_round": _("Closed a go-round"),
    "groups.create": _("Opened a group"),
    "groups.decline_invitation": _("Declined an invitation to a group"),
    "groups.edit_message": _("Changed a message of their own"),
    "groups.invite_member": _("Invited someone to a group"),
    "groups.join": _("Joined a group"),
    "groups.leave": _("Left a group"),
    "groups.mark_read": _("Read messages"),
    "groups.open_round": _("Opened a go-round"),
    "groups.post_message": _("Wrote a message"),
    "groups.remove_member": _("Removed a member"),
    "groups.step_back": _("Stopped leading a group"),
    "groups.support_line": _("Supported a line"),
    "groups.withdraw_invitation": _("Took an invitation to a group back"),
    "groups.withdraw_message": _("Took a message back"),
    "people.accept_invitation": _("Signed in for the first time"),
    "people.acknowledge_wipe": _("A phone deleted everything"),
    "people.approve_invitation": _("Approved a code"),
    "people.change_role": _("Changed a role"),
    "people.confirm_address": _("Confirmed an email address"),
    "people.confirm_identity": _("Confirmed who they are"),
    "people.confirm_recovery": _("Confirmed a new code"),
    "people.correct_staff": _("Corrected facts about staff"),
    "people.end_reused_session": _("Ended a session that two devices used"),
    "people.end_sessions": _("Signed someone out everywhere"),
    "people.end_staff": _("Ended the account of someone on the staff"),
    "people.invite_staff": _("Invited someone to the staff"),
    "people.note_factor_change": _("Changed a way to sign in"),
    "people.note_stopped_pushes": _("Noted that pushes no longer arrive"),
    "people.recover_staff": _("Made a new code for someone on the staff"),
    "people.refuse_recovery": _("Refused a new code"),
    "people.register_push": _("Turned pushes on"),
    "people.renew_invitation": _("Made a new code"),
    "people.report_phone_lost": _("Reported a phone as lost"),
    "people.request_address_code": _("Asked for a code to an email address"),
    "people.revoke_invitation": _("Revoked a code"),
    "people.revoke_session": _("Signed a device out"),
    "people.sign_in": _("Signed in"),
    "people.sign_out": _("Signed out"),
    "people.sign_out_person": _("Signed someone out everywhere, as they asked"),
    "people.unregister_push": _("Turned pushes off"),
    "practice.assign_exercise": _("Assigned a tool"),
    "practice.publish_exercise": _("Published a tool"),
    "practice.record_attempt": _("Used a tool"),
    "practice.record_check_in": _("Checked in"),
    "practice.review_attempt": _("Reviewed the use of a tool"),
    "practice.sign_check_in": _("Took a check-in into the record"),
    "practice.withdraw_assignment": _("Took an assignment back"),
    "privacy.acknowledge_notice": _("Confirmed the notice"),
    "privacy.decline_notice": _("Recorded that the notice was declined"),
    "privacy.publish_consent_form": _("Published a consent form"),
    "privacy.publish_notice": _("Published a notice"),
    "privacy.revoke_consent": _("Revoked a consent"),
}
# What is read, by the name of its model.
READ: dict[str, Any] = {
    "accountrecovery": ngettext_lazy("%d new code", "%d new codes"),
    "appointment": ngettext_lazy("%d session", "%d sessions"),
    "arrivalreport": ngettext_lazy("%d arrival", "%d arrivals"),
    "assignment": ngettext_lazy("%d assignment", "%d assignments"),
    "attempt": ngettext_lazy("%d use of a tool", "%d uses of a tool"),
    "attemptreview": ngettext_lazy("%d review", "%d reviews"),
    "attendance": ngettext_lazy("%d attendance", "%d attendances"),
    "attendanceversion": ngettext_lazy("%d earlier attendance", "%d earlier attendances"),
    "auditevent": ngettext_lazy("%d entry of the audit", "%d entries of the audit"),
    "blob": ngettext_lazy("%d file", "%d files"),
    "campaign": ngettext_lazy("%d message to alumni", "%d messages to alumni"),
    "carerecord": ngettext_lazy("%d record", "%d records"),
    "careteammember": ngettext_lazy("%d person on the care team", "%d people on the care team"),
    "checkin": ngettext_lazy("%d check-in", "%d check-ins"),
    "checkinversion": ngettext_lazy("%d earlier check-in", "%d earlier check-ins"),
    "consent": ngettext_lazy("%d consent", "%d consents"),
    "correctionrequest": ngettext_lazy("%d request to correct", "%d requests to correct"),
    "devicesession": ngettext_lazy("%d device", "%d devices"),
    "episode": ngettext_lazy("%d course of care", "%d courses of care"),
    "episodechapter": ngettext_lazy("%d level of care", "%d levels of care"),
    "episodeending": ngettext_lazy("%d end of care", "%d ends of care"),
    "groupinvitation": ngettext_lazy("%d invitation to a group", "%d invitations to a group"),
    "invitation": ngettext_lazy("%d code", "%d codes"),
    "levelchange": ngettext_lazy("%d change of level", "%d changes of level"),
    "membercard": ngettext_lazy("%d member of the group", "%d members of the group"),
    "message": ngettext_lazy("%d message", "%d messages"),
    "messageversion": ngettext_lazy("%d earlier message", "%d earlier messages"),
    "noticerequest": ngettext_lazy("%d notice", "%d notices"),
    "noticeacknowledgement": ngettext_lazy("%d confirmed notice", "%d confirmed notices"),
    "peergroup": ngettext_lazy("%d group", "%d groups"),
    "person": ngettext_lazy("%d person’s facts", "%d people’s facts"),  # noqa: RUF001
    "programmecard": ngettext_lazy("%d program", "%d programs"),
    "recordcorrection": ngettext_lazy("%d correction", "%d corrections"),
    "recordlink": ngettext_lazy("%d link of records", "%d links of records"),
    "round": ngettext_lazy("%d go-round", "%d go-rounds"),
    "roundline": ngettext_lazy("%d line", "%d lines"),
    "sessionexception": ngettext_lazy("%d changed session", "%d changed sessions"),
    "sessionseries": ngettext_lazy("%d series of sessions", "%d series of sessions"),
    "staffcorrection": ngettext_lazy("%d correction", "%d corrections"),
    "staffmember": ngettext_lazy("%d person on the staff", "%d people on the staff"),
    "support": ngettext_lazy("%d support", "%d supports"),
    "weekofhours": ngettext_lazy("%d week of hours", "%d weeks of hours"),
    "whathelps": ngettext_lazy("%d summary of what helps", "%d summaries of what helps"),
}
OTHER = ngettext_lazy("%d other entry", "%d other entries")
OUTCOMES = {
    "read": _("Read something"),
    "applied": _("Changed something"),
    "refused": _("Was refused"),
}


def did(action: str, touched: list[list[str]]) -> str:
    """What one event of the audit says, without whom it is about."""
    if action in DID:
        return str(DID[action])
    if not action.startswith("read "):
        return action
    counts = Counter(kind if kind in READ else "" for kind, *_rest in touched)
    things = [str(READ.get(kind, OTHER) % count) for kind, count in counts.items()]
    return gettext("Read %s") % ", ".join(things) if things else gettext("Read")


def why_refused(outcome: str) -> str:
    """The code of a refusal, for people."""
    return outcome.replace("_", " ")
