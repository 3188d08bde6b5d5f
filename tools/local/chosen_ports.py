"""The ports that a command's caller chose."""

import os
from collections.abc import Mapping

from tools.local.data_directory import free_port
from tools.local.errors import CannotStart


def chosen_ports(command: str, usual: Mapping[str, int]) -> list[int]:
    """The ports that the environment's variables name, or their usual ones.

    Raises CannotStart if one is no port number, is taken, or is named twice.
    """
    ports: dict[int, str] = {}
    for variable, number in usual.items():
        text = os.environ.get(variable) or str(number)
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise CannotStart(f"{variable}={text} is not a port number.")
        port = int(text)
        if port in ports:
            raise CannotStart(f"{ports[port]} and {variable} are both {port}; choose two ports.")
        if free_port(port) != port:
            raise CannotStart(
                f"Port {port} is in use by another program; stop that one,"
                f" or choose another port: {command} {variable}={port + 100}"
            )
        ports[port] = variable
    return list(ports)
