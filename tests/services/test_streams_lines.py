"""The log of a published turn is one entry in Redis; whoever reads or follows it sees its lines."""

from __future__ import annotations

from integrations.services import streams


def test_an_entry_with_the_lines_of_a_turn_is_read_as_its_lines() -> None:
    rows = [(b"17-0", {b"event": b"lines", b"data": b'[{"text":"one","detail":{"ms":1.50}},{"text":"two"}]'})]

    assert [(entry.id, entry.event, entry.data) for entry in streams.entries(rows)] == [
        ("17-0", "log", '{"text":"one","detail":{"ms":1.50}}'),
        ("17-1", "log", '{"text":"two"}'),
    ]


def test_published_lines_arrive_as_those_that_are_read_later() -> None:
    data = '[{"text":"one"},{"text":"two"}]'
    read = streams.entries([(b"17-0", {b"event": b"lines", b"data": data.encode()})])

    assert streams.published(f"17-0 lines {data}".encode()) == read


def test_whoever_has_read_the_lines_of_a_turn_goes_on_behind_them() -> None:
    last = streams.entries([(b"17-0", {b"event": b"lines", b"data": b"[{},{},{}]"})])[-1]

    assert streams.since(last.id) == "(17-2"
