"""Rate limits of enrolment."""

from datetime import timedelta

from recovery.limits.limit import Limit

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# A code of 60 bits cannot be guessed, but a person who has one could guess the date of birth.
ENROLMENT_CODE = Limit("enrolment.code", 5, DAY)
ENROLMENT_NETWORK = Limit("enrolment.network", 600, HOUR)
ENROLMENT_ALL = Limit("enrolment.all", 2_000, HOUR)
ENROLMENT = (ENROLMENT_CODE, ENROLMENT_NETWORK, ENROLMENT_ALL)
