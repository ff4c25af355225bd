"""Turns what the libraries raise into one family of errors, in sentences that hold nothing of the request."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

import httptools
import urllib3

from credentials import wire
from credentials.net import call, reading

# Everything that urllib3, llhttp and the sockets are known to raise; ValueError for what cannot be encoded.
ANTICIPATED = (urllib3.exceptions.HTTPError, httptools.HttpParserError, OSError, ValueError)

_UNKNOWN = (
    "its certificate comes from an authority that is not trusted here, or the server leaves out the intermediate one"
)
_VERIFY = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: "its certificate is self-signed",
    19: "its certificate chain ends in a self-signed certificate",
    20: _UNKNOWN,
    21: _UNKNOWN,
    62: "its certificate is for another host name",
    64: "its certificate is for another address",
}


def translate(error: BaseException, now: call.Call) -> wire.CallError:
    """Return the error that callers see for one that a library raised."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, wire.CallError):
            return cause
    for cause in causes:
        sentence = _sentence(cause, now)
        if sentence is not None:
            return sentence
    return reading.not_http(now.host)


def _sentence(cause: BaseException, now: call.Call) -> wire.CallError | None:
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = _VERIFY.get(cause.verify_code, "its certificate could not be verified")
        return _permanent(f"{now.host} cannot be trusted: {why}. Ask whoever runs the host to mend it.")
    if isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return _hung_up(now)
    if isinstance(cause, ssl.SSLError):
        return _tls(cause, now.host)
    if isinstance(cause, (TimeoutError, urllib3.exceptions.TimeoutError)):
        return wire.CallError("timeout", f"{now.host} took too long: the time limit ended while {now.doing}.")
    if isinstance(cause, ConnectionError):
        return _hung_up(now)
    if isinstance(cause, socket.gaierror):
        return _network(f"The name {now.host} does not exist. Check the host in the URL.")
    if isinstance(cause, OSError) and cause.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EPIPE):
        return _network(f"The connection to {now.host} was lost. Try again later.")
    return None


def _hung_up(now: call.Call) -> wire.CallError:
    """Some servers that refuse a client certificate just hang up on the new connection."""
    hint = "" if now.tls_seconds is None else " If it asks for a client certificate, check the credential."
    return _network(f"{now.host} closed the connection without a complete answer. Try again later.{hint}")


# Part of the TLS library's reason, and what it means for whoever reads the log. The first that fits counts.
_TLS = (
    (
        ("UNKNOWN_CA",),
        "{host} does not trust the certificate that Parley showed. Ask which authority it must come from, and put the "
        "intermediate certificates into the key store.",
    ),
    (
        ("CERTIFICATE_EXPIRED", "CERTIFICATE_REVOKED"),
        "{host} says that Parley's certificate has ended. Upload a new one.",
    ),
    (
        ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE"),
        "{host} refused the encrypted connection: it may ask for a client certificate. Check the credential.",
    ),
    (
        ("WRONG_VERSION", "HTTP_REQUEST", "PACKET_LENGTH"),
        "{host} does not speak TLS on this port. Check the port, or whether the URL should begin with http.",
    ),
    (
        ("VERSION", "PROTOCOL"),
        "{host} offers no TLS version that is safe to use (1.2 or newer) and that the credential allows. Check the "
        "credential, or ask whoever runs the host to mend it.",
    ),
)


def _tls(error: ssl.SSLError, host: str) -> wire.CallError:
    reason = (error.reason or "").upper()
    for parts, sentence in _TLS:
        if any(part in reason for part in parts):
            return _permanent(sentence.format(host=host))
    return _network(f"The encrypted connection to {host} failed. Ask whoever runs the host to check its TLS set-up.")


def _permanent(sentence: str) -> wire.CallError:
    return wire.CallError("network", sentence, permanent=True)


def _network(sentence: str) -> wire.CallError:
    return wire.CallError("network", sentence)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it was raised from or wraps, nearest first, each once."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
