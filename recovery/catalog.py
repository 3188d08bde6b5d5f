"""Everything that registers itself, in the open: importing this file is the registration."""

from recovery.people import actions as people_actions  # noqa: F401
from recovery.people import documents as people_documents  # noqa: F401
