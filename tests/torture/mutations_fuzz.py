"""What templates guarantee, each taken away once."""

from __future__ import annotations

from tests.torture.case import Mutation

_POSITIONS, _URL = "integrations/engine/positions.py", "integrations/engine/url.py"

MUTATIONS = [
    *(
        Mutation(
            f"A value {place} is encoded for its place",
            _POSITIONS,
            f"Position.{position}: _encoded,",
            f"Position.{position}: _plain,",
            (f"fuzz: the consumer's message in {case}, in short",),
        )
        for place, position, case in (
            ("in a path", "URL_PATH", "the path"),
            ("in a query", "URL_QUERY", "the query"),
            ("in a form", "FORM", "a form"),
        )
    ),
    Mutation(
        "A value in a request parameter is encoded for its place",
        _URL,
        "={positions.encode(value)}",
        "={value}",
        ("fuzz: the consumer's message in a request parameter, in short",),
    ),
    Mutation(
        "A header takes no control character",
        _POSITIONS,
        r'CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")',
        'CONTROL = re.compile("(?!)")',
        ("fuzz: a consumer's line break in a header",),
    ),
    Mutation(
        "A value inside a JSON text is escaped",
        _POSITIONS,
        "return dumps(to_text(value))[1:-1]",
        "return to_text(value)",
        ("fuzz: the consumer's message in a JSON text, in short",),
    ),
    Mutation(
        "A consumer's words outside of a JSON text are one text",
        _POSITIONS,
        'document = "" if consumer else _document(value)',
        "document = _document(value)",
        ("fuzz: the consumer's message in a JSON value, in short",),
    ),
    Mutation(
        "A path has no part that walks up",
        _URL,
        "    _check_path(parts.path)\n",
        "",
        ("fuzz: a consumer who walks up",),
    ),
    Mutation(
        "A stray percent sign does not join with the value behind it",
        _URL,
        'return _STRAY_PERCENT.sub("%25", text)',
        "return text",
        ("fuzz: digits behind a percent sign",),
    ),
    Mutation(
        "A consumer does not choose where a URL begins",
        _URL,
        "        _check_start(placeholder, reader)\n",
        "        pass\n",
        ("fuzz: a consumer's words at the start of a URL",),
    ),
]
