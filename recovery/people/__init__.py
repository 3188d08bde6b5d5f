"""Persons, staff and invitations."""
