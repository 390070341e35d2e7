"""Torture messages in the manner of RFC 4475: what a parser has to take, to answer and to drop."""

from __future__ import annotations


def text(
    method: str = "MESSAGE",
    *,
    uri: str = "sip:1002@127.0.0.1:{port}",
    start: str | None = None,
    add: str = "",
    drop: str = "",
    body: str = "",
    length: object = None,
    **replace: str,
) -> bytes:
    """A message; `replace` changes headers by name (_ for -), `drop` leaves one out, `add` adds lines."""
    headers = {
        "Via": "SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK{branch}",
        "Max-Forwards": "70",
        "From": "<sip:stranger@far.test>;tag=1",
        "To": "<sip:1002@127.0.0.1>",
        "Call-ID": "{branch}@far.test",
        "CSeq": f"1 {method}",
        "Content-Length": str(len(body.encode()) if length is None else length),
    }
    for name, value in replace.items():
        headers[name.replace("_", "-")] = value
    headers.pop(drop, None)
    lines = [start or f"{method} {uri} SIP/2.0", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n" + add + "\r\n" + body).encode()


_TORTUOUS = (
    b"INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
    b"TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
    b'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n'
    b"MaX-fOrWaRdS: 0068\r\n".replace(b"0068", b"068")
    + b"Call-ID: 98asdh@10.1.1.1\r\n"
    b"Content-Length   : 5\r\n"
    b"cseq: 0009\r\n  INVITE\r\n"
    b"Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
    b"s :\r\n"
    b"NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
    b"UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
    b"Content-Type: application/sdp\r\n"
    b"Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
    b"v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
    b" SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
    b'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n'
    b"  secondparam ; q = 0.33\r\n"
    b"\r\n"
    b"v=0\r\n"
)

VALID: dict[str, bytes] = {
    "a short tortuous INVITE": _TORTUOUS,
    "every token character": text(
        "!interesting-Method0123456789_*+`.%indeed'~",
        From='"BEL:\\\x07 NUL:\\ DEL:\\\x7f" <sip:%25@far.test>;tag=_token~1\'+`*%!-.',
        add="extensionHeader-!.%*+_`'~: \ufeff\u5927\u505c\u96fb\r\n",
    ),
    "escaped URI": text(uri="sip:sips%3Auser%40example.com@127.0.0.1;other-param=summit"),
    "percent that is no escape": text("RE%47IST%45R", To='"%Z%45" <sip:resource@127.0.0.1>'),
    "no blank before the angle bracket": text(From="caller<sip:caller@127.0.0.1>;tag=323"),
    "many small Via values": text(
        Via=", ".join(f"SIP/2.0/UDP host{n}.test;branch=z9hG4bK{n}" for n in range(70))
    ),
    "long values": text(add="X: " + "a" * 5000 + "\r\nY: " + "word " * 900 + "\r\n"),
    "semicolon in the user part": text(uri="sip:user;par=u%40example.net@127.0.0.1"),
    "unknown transport in Via": text(Via="SIP/2.0/UNKNOWN 127.0.0.1:9;branch=z9hG4bKkdjuw"),
    "body with bytes": text(add="Content-Type: application/octet-stream\r\n", body="\x00\x01\r\n\r\n\x7f"),
    "unusual reason phrase": text(start="SIP/2.0 200 = 2**3 * 5**2 \u043d\u043e \u0441\u0442\u043e"),
    "empty reason phrase": text(start="SIP/2.0 100 "),
    "bytes that are no UTF-8": text(add="Subject: caf\x00\r\n").replace(b"caf\x00", b"caf\xe9 \xff"),
    "unknown scheme in To": text(To="<isbn:2983792873>"),
    "no Max-Forwards": text(drop="Max-Forwards"),
    "no Content-Length": text(drop="Content-Length", body="hello"),
    "ends of line without CR": text().replace(b"\r\n", b"\n"),
    "IPv6": text(uri="sip:[::1]:5060;transport=udp", Via="SIP/2.0/UDP [::1]:9;branch=z9hG4bKv6"),
    "a comma in a display name": text(From='"Bell, Alexander" <sip:a.g.bell@example.com>;tag=43'),
    "empty header": text(add="Subject:\r\n"),
}

ANSWERED: dict[str, tuple[bytes, int]] = {
    "another version": (text(start="MESSAGE sip:1002@127.0.0.1 SIP/7.0"), 505),
    "no version": (text(start="MESSAGE sip:1002@127.0.0.1 HTTP/1.1"), 400),
    "blanks in the URI": (text(uri="sip:user@127.0.0.1; lr"), 400),
    "several blanks": (text(start="MESSAGE  sip:user@127.0.0.1  SIP/2.0"), 400),
    "a blank after the version": (text(start="MESSAGE sip:user@127.0.0.1 SIP/2.0  "), 400),
    "no URI": (text(start="MESSAGE SIP/2.0"), 400),
    "no From": (text(drop="From"), 400),
    "no To": (text(drop="To"), 400),
    "no Call-ID": (text(drop="Call-ID"), 400),
    "no CSeq": (text(drop="CSeq"), 400),
    "two From": (text(add="f: <sip:other@far.test>;tag=3\r\n"), 400),
    "two CSeq": (text(add="CSeq: 5 MESSAGE\r\n"), 400),
    "two Content-Length": (text(add="l: 2\r\n", body="xx"), 400),
    "CSeq of another method": (text(CSeq="1 INVITE"), 400),
    "CSeq too big": (text(CSeq="2147483648 MESSAGE"), 400),
    "CSeq far too big": (text(CSeq="36893488147419103232 MESSAGE"), 400),
    "CSeq that is no number": (text(CSeq="one MESSAGE"), 400),
    "CSeq without method": (text(CSeq="1"), 400),
    "Max-Forwards too big": (text(Max_Forwards="300"), 400),
    "Max-Forwards that is no number": (text(Max_Forwards="many"), 400),
    "Content-Length more than came": (text(body="v=0\r\n", length=9999), 400),
    "Content-Length below zero": (text(length=-999), 400),
    "Content-Length with rubbish": (text(length="5 6"), 400),
    "an open quote in To": (text(To='"Mr. J. User <sip:j.user@example.com>'), 400),
    "an open bracket in From": (text(From="<sip:user@example.com;tag=4"), 400),
    "brackets around rubbish": (text(To="<>"), 400),
    "To without a scheme": (text(To="<1002@127.0.0.1>"), 400),
    "a parameter without brackets": (text(To="sip:user@example.com?Route=%3Csip:x%3E"), 400),
    "a line without a colon": (text(add="this is no header\r\n"), 400),
    "a blank in a header name": (text(add="Bad Name: x\r\n"), 400),
    "a NUL": (text(add="Subject: a\x00b\r\n"), 400),
    "headers without end": (text()[:-4], 400),
    "empty Via value": (text(add="Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx,,\r\n"), 400),
}

DROPPED: dict[str, bytes] = {
    "status far too big": text(start="SIP/2.0 4294967301 better not break the receiver"),
    "status 000": text(start="SIP/2.0 000 nothing"),
    "status of two digits": text(start="SIP/2.0 99 short"),
    "response without CSeq": text(start="SIP/2.0 200 OK", drop="CSeq"),
    "response with an open quote": text(start="SIP/2.0 200 OK", To='"x <sip:a@b.test>'),
    "response of another version": text(start="SIP/3.0 200 OK"),
    "no start line": b"\x01\x02\x03\x04",
    "an empty line": b"   \r\n\r\n",
    "one word": b"HELLO\r\n\r\n",
    "a STUN request": bytes.fromhex("000100002112a442b7e7a701bc34d686fa87dfae"),
}
