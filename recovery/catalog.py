"""Everything that registers itself, in the open: importing this file is the registration."""

from recovery.actions import jobs as actions_jobs  # noqa: F401
from recovery.alumni import actions as alumni_actions  # noqa: F401
from recovery.alumni import documents as alumni_documents  # noqa: F401
from recovery.alumni import jobs as alumni_jobs  # noqa: F401
from recovery.blobs import jobs as blobs_jobs  # noqa: F401
from recovery.care import actions as care_actions  # noqa: F401
from recovery.care import documents as care_documents  # noqa: F401
from recovery.care import jobs as care_jobs  # noqa: F401
from recovery.conversations import documents as conversations_documents  # noqa: F401
from recovery.feed import jobs as feed_jobs  # noqa: F401
from recovery.groups import actions as groups_actions  # noqa: F401
from recovery.groups import documents as groups_documents  # noqa: F401
from recovery.limits import jobs as limits_jobs  # noqa: F401
from recovery.people import actions as people_actions  # noqa: F401
from recovery.people import documents as people_documents  # noqa: F401
from recovery.people import jobs as people_jobs  # noqa: F401
from recovery.practice import actions as practice_actions  # noqa: F401
from recovery.practice import documents as practice_documents  # noqa: F401
from recovery.privacy import actions as privacy_actions  # noqa: F401
from recovery.privacy import documents as privacy_documents  # noqa: F401
from recovery.signin import actions as signin_actions  # noqa: F401
from recovery.signin import documents as signin_documents  # noqa: F401
from recovery.signin import jobs as signin_jobs  # noqa: F401
