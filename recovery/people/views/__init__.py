"""Enrolment, where only the code identifies the person; the account; the list of invitations."""
