"""What can be done to sessions."""

from recovery.signin.actions import push, sessions, sign_in  # noqa: F401  # registration
