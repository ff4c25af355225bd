"""What the demo API says of itself at its own address: every call with an example to click."""

from __future__ import annotations

CALLS = (
    ("/balance?accountNumber=10024417&email=ada@example.com", "One account's balance."),
    ("/secure/balance?accountNumber=10024417&email=ada@example.com",
     "The same, with Basic Authentication (demo, demo-password) or an Access Token (Bearer demo-token)."),
    ("/orders?email=ada@example.com", "The orders of an e-mail address; all without it."),
    ("/orders/A-1001", "One order: A-1001, A-1002 or A-1003."),
    ("/stores?city=Bristol", "A top-level list of stores; all without a city."),
    ("/faq?query=delivery", "Questions and answers that share a word with the query."),
    ("/echo?hello=world", "What arrived, for every method: query, headers, body."),
    ("/slow?seconds=3", "Waits (60 s at most), then answers."),
    ("/flaky?key=mine&failures=2", "Answers 503 the first times that a key is seen, then works."),
    ("/fail/500", "Always answers with this error status, 400 to 599."),
)  # fmt: skip

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Parley demo API</title>
</head>
<body>
<h1>Parley demo API</h1>
<p>Made-up customers, orders and stores to build bots against. Nothing here is real, nothing is stored.</p>
<dl>
{calls}</dl>
</body>
</html>
"""


def page(address: str) -> str:
    """Return the page; `address` is where the API was reached."""
    calls = "".join(
        f'<dt><a href="{_html(path)}"><code>{_html(address + path)}</code></a></dt><dd>{_html(text)}</dd>\n'
        for path, text in CALLS
    )
    return PAGE.format(calls=calls)


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
