"""The server's own settings, once PostgreSQL and Valkey for this test run are up."""

import os

from tests.servers import start

start()
# Processes that tests start are ordinary ones: they read everything from the environment.
os.environ["DJANGO_SETTINGS_MODULE"] = "server.settings"

from server.settings import *  # noqa: E402, F403

# For tests without processes. Those of the processes are in their own environment.
CONSOLE_URL = "http://console.localhost"
PASSKEY_ORIGINS = [*PASSKEY_ORIGINS, CONSOLE_URL]  # noqa: F405
CONSOLE_LIVE_URL = "ws://console.localhost/ws/v1/desk"
