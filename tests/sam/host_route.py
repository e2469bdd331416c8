"""Where containers find this machine."""

from __future__ import annotations

import ipaddress
import json
import sys
from dataclasses import dataclass

from tools.runtime_image import docker_engine


@dataclass(frozen=True, slots=True)
class HostRoute:
    """How containers reach a server on this machine.

    Attributes:
        listen: The address that the server listens on.
        name: What containers call it.
    """

    listen: str
    name: str


def host_route() -> HostRoute:
    """The way from containers to this machine, and to nothing that other machines can reach.

    On Linux this machine has an address on the engine's default network. Docker Desktop's engine runs in a virtual
    machine, and forwards to the loopback interface ("Networking on Docker Desktop", Docker's manuals).

    Raises:
        LocalError: the engine has no default network.
    """
    if sys.platform != "linux":
        return HostRoute("127.0.0.1", "host.docker.internal")
    network = json.loads(docker_engine.run("network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}"))[0]
    # An engine that has not run a container yet names no gateway; it will be the network's first address.
    address = network.get("Gateway") or str(next(ipaddress.ip_network(network["Subnet"]).hosts()))
    return HostRoute(address, address)
