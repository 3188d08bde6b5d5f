"""Rate limits of enrolment.

Only failures count. A code has 60 random bits, so nobody reaches the limits of a code without
having it, and no limit is needed against guessing codes: docs/limits.md has the figures.
"""

from datetime import timedelta

from recovery.limits.limit import Alarm, Limit

HOUR = timedelta(hours=1)

# Wrong dates of birth for one code, from one network.
ENROLMENT_DATES = Limit("enrolment.dates", 5, HOUR, "network")
# Wrong dates of birth for one code in its whole life, from anywhere. Then someone else has it, and
# it no longer works.
ENROLMENT_CODE = Limit("enrolment.code", 15, timedelta(hours=72), "holder")
# Only failed requests are ever answered with this limit.
ENROLMENT_FAILED = Limit("enrolment.failed", 120, HOUR, "network")
ENROLMENTS_FAILED = Alarm("enrolment.failed_anywhere", 2_000, HOUR)
ENROLMENT = (ENROLMENT_DATES, ENROLMENT_CODE, ENROLMENT_FAILED)
