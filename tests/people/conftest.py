"""Every test here starts with fresh rate limits."""

from tests.limits.fresh import fresh_limits  # noqa: F401  # a fixture
