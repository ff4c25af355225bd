"""What `serve` hands to the programs that it runs."""

from __future__ import annotations

import socket

from config import plant
from tests.product import free_port


def test_connections_to_a_handed_down_socket_do_not_wait_for_acknowledgements() -> None:
    port = free_port()

    with plant.listen("PORT", port) as listener, socket.create_connection((plant.LOOPBACK, port)):
        connection, _ = listener.accept()

        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
