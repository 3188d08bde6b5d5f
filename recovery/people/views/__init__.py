"""Enrolment, where only the code identifies the person."""
