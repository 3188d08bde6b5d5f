"""A setting that cannot be obeyed is refused at start-up."""

from __future__ import annotations

import os
import subprocess
import sys

# Prints the settings with which a process would start.
START = """
import os, runpy, sys
from environs import EnvValidationError
for setting in sys.argv[1:]:
    name, _, value = setting.partition("=")
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        runpy.run_path("server/settings.py")
        print(setting)
    except EnvValidationError as problem:
        assert name in str(problem), problem
    if before is None:
        del os.environ[name]
    else:
        os.environ[name] = before
"""
GOOD = [
    "HOME_MOVED_TO=",
    "HOME_MOVED_TO=https://new.example.org",
    "MAINTENANCE=86400",
    "WEB_APP=retired",
    "LIVE_URL=",
    "LIVE_URL=wss://live.example.org/ws/v1/live",
    "LIVE_URL=ws://127.0.0.1:8001/ws/v1/live",
    "CONSOLE_URL=",
    "CONSOLE_URL=https://console.example.org",
    "CONSOLE_URL=http://console.localhost:8000",
    "LIMITS_AHEAD=0",
    "WEB_QUEUE=0",
    "PLAINTEXT_ALLOWED=postgresql,valkey",
    "PUSH_SPREAD=0",
    "PUSH_SPREAD=1",
]
BAD = [
    "HOME_MOVED_TO=http://new.example.org",
    "HOME_MOVED_TO=new.example.org",
    "MAINTENANCE=-1",
    "MAINTENANCE=86401",
    "WEB_APP=Off",
    "LIVE_URL=ws://live.example.org/ws/v1/live",
    "LIVE_URL=live.example.org",
    "CONSOLE_URL=console.example.org",
    "CONSOLE_URL=http://console.example.org",
    "CONSOLE_URL=https://console.example.org/",
    "LIMITS_AHEAD=101",
    "WEB_THREADS=0",
    "WEB_QUEUE=-1",
    "TRAFFIC_FACTOR=0",
    "DATABASE_ROLE=postgres",
    "PLAINTEXT_ALLOWED=postgresql,fcm",
    "FCM_RATE=0",
    "PUSH_SPREAD=1.5",
]


def test_a_process_starts_only_with_settings_it_can_obey() -> None:
    started = subprocess.run(
        [sys.executable, "-c", START, *GOOD, *BAD],
        env=os.environ | {"DATABASE_ROLE": "app"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert started.returncode == 0, started.stderr
    assert started.stdout.splitlines() == GOOD
