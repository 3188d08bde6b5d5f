"""Django settings for tools that read the code and never open a connection."""

import os

os.environ.setdefault("DATABASE_URL", "postgresql://app@127.0.0.1/handrail")
os.environ.setdefault("VALKEY_URL", "redis://127.0.0.1/0")
os.environ.setdefault("SECRET_KEY", "for checks only")
os.environ.setdefault("SEALING_KEY", "for checks only")

from server.settings import *  # noqa: F403
