"""Ports that the local servers get."""

from __future__ import annotations

import socket

import pytest

from tools.local.data_directory import PORTS, free_port
from tools.local.errors import CannotStart


def test_no_port_is_given_twice_or_could_be_of_a_connection() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            assert client.getsockname()[1] not in PORTS
    assert set(ports) <= set(PORTS)


def test_the_port_of_last_time_is_kept_unless_it_is_taken() -> None:
    last = free_port()
    assert free_port(last) == last
    with socket.create_server(("127.0.0.1", last)):
        assert free_port(last) != last


def test_when_every_port_is_taken_it_says_so() -> None:
    only = free_port()
    with socket.create_server(("127.0.0.1", only)), pytest.raises(CannotStart, match="free"):
        free_port(among=[only])
