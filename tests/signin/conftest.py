"""Every test here starts with empty counters."""

from tests.limits.fresh import fresh_limits  # noqa: F401  # a fixture
