"""Ana, for the tests against the real server."""

from tests.clients.ana import ana  # noqa: F401  # a fixture
