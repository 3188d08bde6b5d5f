"""Who somebody is: persons, staff, invitations."""
