"""What holds of answers, each guarantee taken away once."""

from __future__ import annotations

from tests.torture.case import Mutation

_READING, _FAULTS = "credentials/net/reading.py", "credentials/net/faults.py"

MUTATIONS = [
    Mutation(
        "Every read of an answer asks the deadline",
        _READING,
        "self._sock.settimeout(self._now.wait())",
        "self._sock.settimeout(0.2)",
        ("responses: a body that drips, to an integration", "responses: headers that drip, to an integration"),
    ),
    Mutation(
        "Headers are limited",
        _READING,
        "        if self._received > self._most:\n",
        "        if self._received > self._most and not self._in_headers:\n",
        ("responses: large early hints, to an integration",),
    ),
    Mutation(
        "What comes over the wire is limited",
        _READING,
        "        if len(self._content) > self._limit:\n",
        "        if False:\n",
        ("responses: a body of 8 MiB, to an integration",),
    ),
    Mutation(
        "What is decompressed is limited",
        _READING,
        "part = decoder.decompress(data, limit - total + 1)",
        "part = decoder.decompress(data)[: limit - total + 1]",
        ("responses: a gzip bomb, to an integration",),
    ),
    Mutation(
        "A compressed answer that breaks off is none",
        _READING,
        "if not decoder.eof:",
        "if False:",
        ("responses: gzip that breaks off, to an integration",),
    ),
    Mutation(
        "The parts of a compressed answer are counted",
        _READING,
        "MEMBERS = 64",
        "MEMBERS = 1_000_000",
        ("responses: gzip of five thousand empty parts, to an integration",),
    ),
    Mutation(
        "An answer that ends within its headers is none",
        _READING,
        '        if self._in_headers:\n            raise wire.CallError("network", f"{self._now.host} closed',
        "        if self._in_headers:\n            self._in_headers, self._ends_with_connection = False, True\n"
        '        if False:\n            raise wire.CallError("network", f"{self._now.host} closed',
        ("responses: connection cut behind each byte of an answer with a length",),
    ),
    Mutation(
        "A coding that was not asked for is refused",
        _READING,
        "if coding not in _WINDOW:",
        "if False:",
        ("responses: brotli, which was not asked for, to an integration",),
    ),
    Mutation(
        "Redirects end",
        "credentials/egress.py",
        "if len(self.hops) > self._options.limits.redirects:",
        "if False:",
        ("responses: redirects without end, to an integration",),
    ),
    Mutation(
        "A server shows a certificate of its own name",
        "credentials/net/connections.py",
        "        super().connect()\n",
        "        self.assert_hostname = False\n        super().connect()\n",
        ("responses: certificate of another name",),
    ),
    Mutation(
        "Text is decoded by charsets that take linear time",
        "integrations/engine/responses.py",
        'return name if _CHARSETS.fullmatch(name) else ""',
        "return name",
        ("responses: body: a charset that is none",),
    ),
    Mutation(
        "Only JSON is read as JSON",
        "integrations/engine/json_values.py",
        '    raise ValueError(f"{constant} is not JSON")',
        "    return None",
        ("responses: body: not a number", "responses: body: infinity"),
    ),
    Mutation(
        "The name of a header is what every reader takes it for",
        _READING,
        'if name[-1:] in (b" ", b"\\t"):',
        "if False:",
        ("responses: a blank before the colon of a length, to an integration",),
    ),
    Mutation(
        "The end of an answer is told in one way",
        _READING,
        'if codings - {"", "identity", "chunked"}:',
        "if False:",
        (
            "responses: chunks that are compressed as a whole, to an integration",
            "responses: a way of sending that does not exist, to an integration",
        ),
    ),
    Mutation(
        "An answer without its end is none",
        _READING,
        "        if not self._ends_with_connection:\n",
        "        if False:\n",
        (
            "responses: a length that is not kept, to an integration",
            "responses: chunks without the last, to an integration",
        ),
    ),
    Mutation(
        "An encrypted answer without a length is whole only if the server says so",
        "credentials/net/connections.py",
        "        cast(Any, self.sock).suppress_ragged_eofs = False\n",
        "",
        ("responses: encrypted answer without a length, cut",),
    ),
]
