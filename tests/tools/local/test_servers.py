"""PostgreSQL and Valkey from the wheels, started, stopped and started again."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tools.local import data_directory, postgres, valkey


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that every account can access, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="handrail-") as path:
        yield Path(path)


def test_postgres_18_keeps_data_and_port_from_run_to_run(home: Path):
    with data_directory.hold(home) as held, postgres.running(held) as first:
        postgres.ensure_database(first, "handrail")
        with psycopg.connect(first.url("owner", "handrail")) as connection:
            assert connection.info.server_version // 10000 == 18
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('still here')")
    with data_directory.hold(home) as held, postgres.running(held) as second:
        with psycopg.connect(second.url("owner", "handrail")) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("still here",)
    assert second.port == first.port


def test_copied_programs_work(home: Path):
    """Needed for a checkout below a directory that the servers' account cannot enter."""
    installed = Path(psycopg.__file__).parent.parent
    postgres.copy_programs(installed, home / "programs")
    initdb = home / "programs" / postgres.PROGRAMS / "initdb"
    version = subprocess.run([initdb, "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("initdb (PostgreSQL) 18.")


def test_serving_roles_have_no_privileges_of_their_own(home: Path):
    with data_directory.hold(home) as held, postgres.running(held) as server:
        with psycopg.connect(server.url("app", "postgres")) as connection:
            rows = connection.execute(
                "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole, rolcreatedb"
                " FROM pg_roles WHERE rolcanlogin ORDER BY 1"
            ).fetchall()
    assert rows == [
        ("app", False, False),
        ("jobs", False, False),
        ("owner", False, True),
        ("postgres", True, True),
        ("pump", False, False),
        ("reserve", False, False),
    ]


def test_a_wrong_password_is_refused(home: Path):
    with data_directory.hold(home) as held, postgres.running(held) as server:
        right = server.url("app", "postgres")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(right.replace("app:", "app:x"))


def test_valkey_9_requires_the_password(home: Path):
    with data_directory.hold(home) as held, valkey.running(held) as server:
        with redis.Redis.from_url(server.url) as client:
            assert client.info()["valkey_version"].startswith("9.")
        stranger = redis.Redis(port=held.last_port("valkey"), retry=valkey.NO_RETRY)
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
        stranger.close()


def test_a_temporary_directory_is_deleted_afterwards():
    with data_directory.temporary() as held, postgres.running(held, durable=False):
        assert (held.root / "postgres" / "PG_VERSION").exists()
    assert not held.root.exists()


def test_secrets_are_readable_by_their_owner_only(home: Path):
    with data_directory.hold(home) as held:
        assert held.secret("app") == held.secret("app") != held.secret("owner")
        assert (held.root / "secrets.json").stat().st_mode & 0o777 == 0o600
        assert held.root.stat().st_mode & 0o777 == 0o700


def test_two_runs_cannot_hold_one_directory(home: Path):
    with data_directory.hold(home) as held:
        with pytest.raises(data_directory.InUse, match=str(held.root)), data_directory.hold(home):
            pass
