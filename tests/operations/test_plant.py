"""What `manage.py serve` prepares for the programs that it starts."""

from __future__ import annotations

import socket

from config import plant


def test_a_port_that_is_handed_down_sends_the_parts_of_an_answer_at_once() -> None:
    with plant.listen("PORT", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()

        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
