"""Ana, for the tests against the real house."""

from tests.clients.ana import ana  # noqa: F401  # a fixture
