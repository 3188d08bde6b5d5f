"""Every test here begins with nothing counted."""

from tests.limits.fresh import fresh_limits  # noqa: F401  # a fixture
