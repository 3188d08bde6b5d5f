"""docker-compose.yml follows the Compose Specification and our own rules.

The specification's schema is beside this file (Apache-2.0, compose-spec.LICENSE).
"""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from django.conf import settings
from honcho.environ import parse_procfile

from recovery.blobs.rules import PIECE
from server import web

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROCFILE = parse_procfile((ROOT / "Procfile").read_text()).processes
SCHEMA = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
ONE_SHOT = ("migrate", "load")
every_service = pytest.mark.parametrize("name", SERVICES)


def _secrets(name: str) -> set[str]:
    secrets = SERVICES[name].get("secrets", [])
    return {secret if isinstance(secret, str) else secret["source"] for secret in secrets}


def test_it_follows_the_compose_specification():
    jsonschema.validate(COMPOSE, SCHEMA)


def test_the_schema_detects_a_mistake():
    wrong = COMPOSE | {"services": {"web": {"image": "handrail", "healtcheck": {}}}}
    with pytest.raises(jsonschema.ValidationError, match="healtcheck"):
        jsonschema.validate(wrong, SCHEMA)


def test_the_processes_are_those_of_the_procfile():
    """All but the simulator, which replaces Google on development machines only."""
    commands = {name: SERVICES[name]["command"] for name in PROCFILE if name != "fcm"}
    assert commands == {name: line for name, line in PROCFILE.items() if name != "fcm"}
    assert "fcm" not in SERVICES


@every_service
def test_nothing_runs_as_root_or_writes_to_its_image(name: str):
    service = SERVICES[name]
    uid = int(service["user"].split(":")[0])
    assert uid > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service


@every_service
def test_no_service_takes_all_memory_or_all_process_ids(name: str):
    service = SERVICES[name]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert 0 < service["pids_limit"] <= 1000


DOCKER = """#!/bin/sh
# Stands in for docker, as a registry would answer: the digest of a tag is made from its name.
printf 'sha256:%s\\n' "$(printf %s "$4" | sha256sum | cut -c1-64)"
"""


def test_images_are_pinned_by_a_command(tmp_path: Path):
    """No digest is in this repository until someone with a registry has run the command."""
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    (tmp_path / "deploy").mkdir()
    for name in ("docker-compose.yml", "deploy/Dockerfile", "deploy/pin_images.py"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    pin = [sys.executable, str(tmp_path / "deploy" / "pin_images.py")]
    path = {"PATH": f"{docker.parent}:/usr/bin:/bin"}
    assert subprocess.run([*pin, "--check"], env=path, check=False).returncode == 1
    subprocess.run(pin, env=path, check=True)
    assert subprocess.run([*pin, "--check"], env=path, check=False).returncode == 0
    once = (tmp_path / "docker-compose.yml").read_text()
    images = {name: s["image"] for name, s in yaml.safe_load(once)["services"].items()}
    assert re.fullmatch(r"postgres:18@sha256:[0-9a-f]{64}", images["postgres"])
    assert images["web"] == "handrail"
    assert "FROM caddy:2@sha256:" in (tmp_path / "deploy" / "Dockerfile").read_text()
    subprocess.run(pin, env=path, check=True)
    assert (tmp_path / "docker-compose.yml").read_text() == once


def test_every_image_has_a_tag_that_can_be_pinned():
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    bases = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    images = [*bases, *(s["image"] for s in SERVICES.values() if "build" not in s)]
    named = [i for i in images if i not in {"handrail", "handrail-proxy"}]
    assert named
    assert all(re.fullmatch(r"[\w./-]+:[\w.-]+(@sha256:[0-9a-f]{64})?", i) for i in named)


@every_service
def test_every_long_running_service_has_a_health_check(name: str):
    assert ("healthcheck" in SERVICES[name]) == (name not in ONE_SHOT)


@every_service
def test_secrets_come_from_files_only(name: str):
    """A password in the environment would be visible in `docker inspect`."""
    environment = SERVICES[name].get("environment", {})
    keys = ("SECRET_KEY", "SEALING_KEY", "VAPID_KEY")
    assert not set(environment) & {"DATABASE_URL", "VALKEY_URL", "EMAIL_URL", *keys}
    assert not any("PASSWORD" in key and not key.endswith("_FILE") for key in environment)
    assert _secrets(name) <= COMPOSE["secrets"].keys()


def test_each_process_knows_only_its_own_roles_password():
    roles = {
        name: {secret for secret in _secrets(name) if secret.startswith("database_url_")}
        for name in SERVICES
        if name != "postgres"
    }
    assert roles == {
        "caddy": set(),
        "web": {"database_url_app", "database_url_reserve"},
        "live": {"database_url_app"},
        "pump": {"database_url_pump"},
        "worker": {"database_url_jobs"},
        "load": {"database_url_jobs"},
        "migrate": {"database_url_owner"},
        "valkey": set(),
    }


def test_only_the_pump_can_speak_for_us_to_push_services():
    """Browsers show whatever is signed with its key."""
    assert [name for name in SERVICES if _secrets(name) & {"vapid_key", "fcm"}] == ["pump"]


def test_only_caddy_is_reachable_and_only_caddy_and_the_pump_reach_out():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]
    closed = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}
    outward = [name for name, service in SERVICES.items() if set(service["networks"]) - closed]
    assert outward == ["caddy", "pump"]


def test_nothing_serves_before_the_migrations():
    for name in ("web", "live", "pump", "worker"):
        needs = SERVICES[name]["depends_on"]
        assert needs["migrate"] == {"condition": "service_completed_successfully"}


def test_only_web_and_worker_share_the_volume_of_files():
    sharing = [name for name, s in SERVICES.items() if "blobs:/blobs" in s.get("volumes", [])]
    assert sharing == ["web", "worker"]
    assert {SERVICES[name]["environment"]["BLOB_FOLDER"] for name in sharing} == {"/blobs"}


def test_a_piece_of_a_file_fits_every_body_limit():
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text()
    [(number,)] = [re.findall(r"max_size (\d+)MB", caddyfile)]
    assert PIECE < min(int(number) * 10**6, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def test_caddy_sends_sockets_to_live_and_the_rest_to_web():
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text()
    sockets, rest = caddyfile.split("handle /ws/* {")[1].split("handle {")
    assert "reverse_proxy live:8001" in sockets
    assert "reverse_proxy web:8000" in rest
    ports = [SERVICES["web"]["environment"]["GRANIAN_PORT"]]
    ports.append(SERVICES["live"]["environment"]["UVICORN_PORT"])
    assert ports == ["8000", "8001"]


def test_caddy_lets_slow_clients_go_and_hands_over_whole_requests():
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text()
    timeouts = re.search(r"timeouts \{(.*?)\}", caddyfile, re.DOTALL)
    assert timeouts
    named = dict(line.split() for line in timeouts[1].split("\n") if line.strip())
    assert named.keys() == {"read_header", "read_body", "write", "idle"}
    [largest] = re.findall(r"max_size (\S+)", caddyfile)
    assert f"request_buffers {largest}" in caddyfile
    # Otherwise a request may be sent into a connection that web is closing.
    [idle] = re.findall(r"keepalive (\d+)s", caddyfile)
    [headers] = re.findall(r"--http1-header-read-timeout (\d+)", PROCFILE["web"])
    assert int(idle) * 1000 < int(headers)


def test_every_thread_of_web_finds_a_connection_in_the_pool():
    assert SERVICES["web"]["environment"]["WEB_THREADS"] == str(web.requests.threads)
    threads = sum(lane.threads for lane in (web.requests, *web.lanes.values()))
    assert threads <= settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    reserve = settings.DATABASE_RESERVE["OPTIONS"]["pool"]["max_size"]
    assert web.sign_in.threads + web.urgent.threads <= reserve
    [workers] = re.findall(r":-(\d+)", SERVICES["web"]["environment"]["GRANIAN_WORKERS"])
    [reserved] = re.findall(r"reserved_connections=(\d+)", SERVICES["postgres"]["command"])
    assert int(workers) * reserve <= int(reserved)


def test_images_are_built_from_files_that_exist():
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    copied = [shlex.split(line)[1:-1] for line in dockerfile.splitlines() if "COPY" in line]
    assert all((ROOT / path).exists() for paths in copied for path in paths)
    targets = {service["build"]["target"] for service in SERVICES.values() if "build" in service}
    assert all(f" AS {target}\n" in dockerfile for target in targets)


def test_plain_http_is_refused_and_never_redirected():
    """What was sent without TLS has been read by others, and a redirect would hide the mistake."""
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text()
    assert "auto_https disable_redirects" in caddyfile
    assert re.findall(r"^http:// \{\n(?:\t#.*\n)*\t(.*)\n\}", caddyfile, re.MULTILINE) == [
        'respond "HTTPS only" 403'
    ]
    assert "redir" not in re.sub(r"#.*|disable_redirects", "", caddyfile)
