"""Actions of device sessions and push registrations."""

from recovery.signin.actions import push, sessions, sign_in  # noqa: F401  # registration
