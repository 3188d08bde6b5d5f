"""The models of every package, where Django looks for them."""

from recovery.actions.models import *  # noqa: F403
from recovery.alumni.models import *  # noqa: F403
from recovery.blobs.models import *  # noqa: F403
from recovery.care.models import *  # noqa: F403
from recovery.conversations.models import *  # noqa: F403
from recovery.feed.models import *  # noqa: F403
from recovery.groups.models import *  # noqa: F403
from recovery.limits.models import *  # noqa: F403
from recovery.people.models import *  # noqa: F403
from recovery.practice.models import *  # noqa: F403
from recovery.privacy.models import *  # noqa: F403
from recovery.signin.models import *  # noqa: F403
