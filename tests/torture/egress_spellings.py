"""Every spelling of a forbidden destination: none is reached by any way out, and the reason is told."""

from __future__ import annotations

from functools import partial

from tests.services.egress_servers import RawServer
from tests.services.test_egress_addresses import FORBIDDEN
from tests.torture.case import Case, expect
from tests.torture.doors import Ways, answering

REASONS = ("Blocked by the egress policy: ", "The URL ", "The host of the URL ", "The path of the URL ")

# PORT is that of a server on this machine, which hears of it when anything arrives.
HOSTS = {
    "plain": "127.0.0.1",
    "any of the network": "127.255.255.254",
    "short by one": "127.0.1",
    "short by two": "127.1",
    "one number": "2130706433",
    "one number, too large by a round": "6425673729",
    "hexadecimal number": "0x7f000001",
    "hexadecimal number in capitals": "0X7F000001",
    "hexadecimal parts": "0x7f.0x0.0x0.0x1",
    "hexadecimal and short": "0x7f.1",
    "octal": "0177.0.0.1",
    "octal number": "017700000001",
    "octal with many zeros": "00000000177.0.0.1",
    "decimal with zeros": "127.000.000.001",
    "mixed bases": "0177.0.0x0.1",
    "parts that overflow": "127.0.0.257",
    "zero": "0",
    "zeros": "0.0.0.0",
    "hexadecimal zero": "0x0",
    "final dot": "127.0.0.1.",
    "two final dots": "127.0.0.1..",
    "final dot of a number": "2130706433.",
    "name": "localhost",
    "name in capitals": "LocalHost",
    "name with a final dot": "localhost.",
    "name below": "a.localhost",
    "name that leads here": "public.example.test",
    "underscore": "_http._tcp.example.test",
    "IPv6": "[::1]",
    "IPv6 in full": "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "IPv6 unspecified": "[::]",
    "IPv6 mapped": "[::ffff:127.0.0.1]",
    "IPv6 mapped in hexadecimal": "[::ffff:7f00:1]",
    "IPv6 mapped in full": "[0:0:0:0:0:ffff:7f00:0001]",
    "IPv6 compatible": "[::127.0.0.1]",
    "IPv6 compatible in hexadecimal": "[::7f00:1]",
    "IPv6 translated": "[::ffff:0:127.0.0.1]",
    "NAT64": "[64:ff9b::127.0.0.1]",
    "NAT64 of the local kind": "[64:ff9b:1::127.0.0.1]",
    "6to4": "[2002:7f00:1::]",
    "Teredo": "[2001:0:5ef5:79fd:0:0:80ff:fffe]",
    "ISATAP": "[fe80::5efe:127.0.0.1]",
    "zone": "[::1%lo]",
    "zone, encoded": "[::1%25lo]",
    "zone of a link": "[fe80::1%25eth0]",
    "brackets around IPv4": "[127.0.0.1]",
    "brackets doubled": "[[::1]]",
    "no brackets": "::1",
    "full-width digits": "１２７.０.０.１",
    "full-width dots": "127．0．0．1",
    "ideographic dots": "127。0。0。1",
    "half-width dots": "127｡0｡0｡1",
    "circled digits": "①②⑦.⓪.⓪.①",
    "superscript digits": "¹²⁷.⁰.⁰.¹",
    "mathematical digits": "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
    "Arabic digits": "١٢٧.٠.٠.١",
    "Tamil digits": "\u0be7\u0be8\u0bed.0.0.1",
    "one-dot leaders": "127\u20240\u20240\u20241",
    "small dots": "127\ufe520\ufe520\ufe521",
    "a byte order mark": "\ufeff127.0.0.1",
    "a variation selector": "127\ufe0f.0.0.1",
    "a sign of combination": "1\u030827.0.0.1",
    "binary": "0b1111111.0.0.1",
    "octal as in Python": "0o177.0.0.1",
    "numbers with underscores": "2_130_706_433",
    "a sign": "+127.0.0.1",
    "an exponent": "2.130706433e9",
    "five parts": "127.0.0.0.1",
    "a dot before": ".127.0.0.1",
    "IPv6 and short IPv4": "[::ffff:127.1]",
    "IPv6 and octal IPv4": "[::ffff:0177.0.0.1]",
    "IPv6 in full-width colons": "[\uff1a\uff1a1]",
    "IPv6 in percent signs": "[%3a%3a1]",
    "IPv6 with a final dot": "[::1].",
    "IPv6 of the future": "[v1.127.0.0.1]",
    "6to4 of a metadata address": "[2002:a9fe:a9fe::]",
    "NAT64 of the local kind, in the middle": "[64:ff9b:1:7f00:0:100::]",
    "segment routing": "[5f00::1]",
    "full-width colon": "127.0.0.1\uff1a80",
    "sign that becomes a slash": "127.0.0.1\u2100x",
    "fraction slash": "127.0.0.1\u2044.example.test",
    "small at sign": "example.test\ufe6b127.0.0.1",
    "full-width question mark": "127.0.0.1\uff1f.example.test",
    "Roman numeral for a letter": "\u217cocalhost",
    "Cyrillic letter": "l\u043ecalhost",
    "Mongolian vowel separator": "local\u180ehost",
    "full-width letters": "ｌｏｃａｌｈｏｓｔ",
    "circled letters": "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "long s": "localhoſt",
    "soft hyphen": "local\u00adhost",
    "joiner without width": "loc\u200dalhost",
    "blank without width": "local\u200bhost",
    "right to left": "\u202elocalhost",
    "percent signs": "%31%32%37.0.0.1",
    "percent dot": "127%2e0%2e0%2e1",
    "percent zero byte": "localhost%00.example.test",
    "percent number sign": "localhost%23.example.test",
    "punycode": "xn--localhost-",
    "broken punycode": "xn--\u00e4",
    "Kelvin sign": "\u212aubernetes.default.svc",
    "blank before": " 127.0.0.1",
    "blank within": "127.0.0.1 example.test",
    "tab within": "127.0\t.0.1",
    "line break within": "127.0.\n0.1",
    "carriage return behind": "127.0.0.1\r",
    "zero byte behind": "127.0.0.1\x00",
    "form feed behind": "127.0.0.1\x0c",
    "name of 300 letters": "a" * 300,
    "label of 64 letters": "a" * 64 + ".test",
    "comma": "127.0.0.1,example.test",
    "semicolon": "127.0.0.1;example.test",
    "dash before": "-localhost",
}
URLS = {
    "user name that looks like a host": "http://example.test@127.0.0.1:PORT/",
    "user name and password": "http://user:s3cret@127.0.0.1:PORT/",
    "host behind a host as user": "http://127.0.0.1:PORT@example.test/",
    "port behind a host as user": "http://example.test:80@127.0.0.1:PORT/",
    "two at signs": "http://a@b@127.0.0.1:PORT/",
    "empty user": "http://@127.0.0.1:PORT/",
    "encoded at sign": "http://example.test%40127.0.0.1:PORT/",
    "full-width at sign": "http://example.test＠127.0.0.1:PORT/",
    "backslash before the host": "http://example.test\\@127.0.0.1:PORT/",
    "backslash behind the host": "http://127.0.0.1:PORT\\.example.test/",
    "backslashes for slashes": "http:\\\\127.0.0.1:PORT/",
    "slash and backslash": "http:/\\127.0.0.1:PORT/",
    "full-width slash": "http://127.0.0.1:PORT／.example.test/",
    "one slash": "http:/127.0.0.1:PORT/",
    "no slash": "http:127.0.0.1:PORT/",
    "three slashes": "http:///127.0.0.1:PORT/",
    "no scheme": "//127.0.0.1:PORT/",
    "fragment for a host": "http://127.0.0.1:PORT#@example.test/",
    "question mark for a host": "http://127.0.0.1:PORT?@example.test/",
    "full-width number sign": "http://127.0.0.1:PORT＃.example.test/",
    "tab in the scheme": "ht\ttp://127.0.0.1:PORT/",
    "line break before the scheme": "\nhttp://127.0.0.1:PORT/",
    "line break in the path": "http://127.0.0.1:PORT/\r\nX-Evil: 1",
    "zero byte in the path": "http://127.0.0.1:PORT/\x00",
    "capital scheme": "HTTP://127.0.0.1:PORT/",
    "port in full-width digits": "http://127.0.0.1:８０/",
    "port with a sign": "http://127.0.0.1:+PORT/",
    "port with zeros": "http://127.0.0.1:000000PORT/",
    "port beyond its range": "http://127.0.0.1:65616/",
    "port zero": "http://127.0.0.1:0/",
    "two ports": "http://127.0.0.1:80:PORT/",
    "encrypted": "https://127.0.0.1:PORT/",
    "file": "file:///etc/passwd",
    "file with a host": "file://127.0.0.1/etc/passwd",
    "mail": "smtp://127.0.0.1:PORT/",
    "file transfer": "ftp://127.0.0.1:PORT/",
    "gopher": "gopher://127.0.0.1:PORT/_GET%20/",
    "dictionary": "dict://127.0.0.1:PORT/info",
    "directory": "ldap://127.0.0.1:PORT/",
    "Redis": "redis://127.0.0.1:PORT/0",
    "web socket": "ws://127.0.0.1:PORT/",
    "local socket": "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "socket of the system": "unix:///var/run/docker.sock",
    "data": "data:text/plain,hello",
    "script": "javascript:alert(1)",
    "archive": "jar:http://127.0.0.1:PORT/!/",
    "view source": "view-source:http://127.0.0.1:PORT/",
    "nothing": "",
    "blank": " ",
    "a mebibyte": "http://127.0.0.1:PORT/" + "a" * 1_048_576,
}
PORTS = (1, 22, 25, 53, 3306, 5432, 6379, 8080, 11211, 27017, 65_535)


def is_blocked(canary: RawServer, *, url: str) -> None:
    before = canary.connections

    for ended in Ways().all(url.replace("PORT", str(canary.port))):
        expect(ended.kind, f"{ended.way} went through.")
        reason = ended.message.removeprefix("The authorization server could not be asked. ")
        expect(reason.startswith(REASONS) and reason.endswith("."), f"{ended.way} says: {ended.message}")
        expect("s3cret" not in ended.message, f"{ended.way} tells the password: {ended.message}")
    expect(canary.connections == before, "Something arrived at the server.")


def is_refused_by_address(*, address: str) -> None:
    literal = f"[{address}]" if ":" in address else address
    ways = [
        *Ways().all(f"http://{literal}/"),
        *Ways(ask=answering(address)).all("https://api.example.test/"),
        *Ways(ask=answering("93.184.216.34", address)).all("https://api.example.test/"),
    ]
    for ended in ways:
        expect("Blocked by the egress policy: " in ended.message, f"{ended.way} says: {ended.kind} {ended.message}")


def is_refused_by_port(*, port: int) -> None:
    for ended in Ways(ask=answering("93.184.216.34")).all(f"http://api.example.test:{port}/"):
        expect(f"port {port} of api.example.test is not open" in ended.message, f"{ended.way} says: {ended.message}")


TOLD = "No way out reaches it, and each says why."
CASES = [
    *(
        Case(f"loopback, spelled with {name}", TOLD, partial(is_blocked, url=f"http://{host}:PORT/"))
        for name, host in HOSTS.items()
    ),
    *(Case(f"URL with {name}", TOLD, partial(is_blocked, url=url)) for name, url in URLS.items()),
    *(
        Case(
            f"address {address}, written and answered by name servers",
            TOLD,
            partial(is_refused_by_address, address=address),
        )
        for address in FORBIDDEN
    ),
    *(Case(f"port {port} of a public host", TOLD, partial(is_refused_by_port, port=port)) for port in PORTS),
]
