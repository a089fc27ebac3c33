"""Telling another server: signed, to a public address only, and never further than that server.

The receiver computes HMAC-SHA256 over `TIME.BODY` with its secret and compares it with `v1` of
`Marketplace-Signature: t=TIME,v1=HEX`; a time far from its own is an old message sent again.
`Marketplace-Delivery` is the same whenever one message is tried again.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import socket
from contextlib import suppress
from datetime import datetime
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.utils.crypto import salted_hmac

from .errors import Invalid
from .outbox import Terminal

TIMEOUT = urllib3.Timeout(connect=5, read=10)
WHOLE = 15.0  # seconds
LONGEST = 500
NAME = re.compile(r"[a-z0-9_.-]+", re.IGNORECASE)
GONE = 410


class Refused(Exception):
    """The server answered, and did not take it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


def secret_for(subject: str) -> str:
    """What we and one receiver know; it follows SECRET_KEY, so nothing is stored."""
    return salted_hmac("core.webhooks", subject, algorithm="sha256").hexdigest()


def address(value: str, field: tuple[str, ...]) -> str:
    """The URL, if one may be told at it. Where its name leads is looked at before each delivery."""
    found = (value or "").strip()
    if not found:
        return ""
    try:
        parts = urlsplit(found)
        host, _ = in_ascii(parts.hostname or ""), parts.port
    except ValueError:
        host = ""
    wrong = not host or parts.username is not None or len(found) > LONGEST
    wrong = wrong or not found.isprintable()
    if wrong or not (parts.scheme == "https" or (parts.scheme == "http" and is_inside(host))):
        raise Invalid(
            "An address is wanted such as https://example.com/alerts, without a password.",
            field=field,
        )
    if is_address(host) and not may_reach(host):
        raise Invalid("Private addresses are not told.", field=field)
    return found


def in_ascii(host: str) -> str:
    """A name such as 例子.香港 as headers and certificates have it. ValueError where it is none."""
    found = host.encode("idna").decode()
    if found and not (NAME.fullmatch(found) or is_address(found)):
        raise ValueError(f"{found!r} is no name")
    return found


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_inside(host: str) -> bool:
    """Whether it is an address of a private network that this deployment opened."""
    networks = [ipaddress.ip_network(one) for one in settings.WEBHOOK_PRIVATE_NETWORKS]
    return is_address(host) and any(ipaddress.ip_address(host) in one for one in networks)


NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
GIVEN_OUT = ipaddress.IPv6Network("2000::/3")  # all else is of a site, of another use, or of nobody


def within(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address of version 4 that it stands for, if any."""
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def may_reach(ip: str) -> bool:
    found = ipaddress.ip_address(ip)
    mapped = within(found) if isinstance(found, ipaddress.IPv6Address) else found
    public = mapped.is_global and not mapped.is_multicast
    return (public and (mapped.version == 4 or mapped in GIVEN_OUT)) or is_inside(str(mapped))


def resolve(host: str, port: int) -> str:
    """One address of the host. Terminal where any is private: a name that leads inside as well is
    not one of a stranger we would write to."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found = [str(answer[4][0]).partition("%")[0] for answer in answers]
    if not found or not all(may_reach(ip) for ip in found):
        raise Terminal(f"{host} leads to a private address")
    return found[0]


class Bounded:
    """A connection that is cut after WHOLE seconds. TIMEOUT is for each byte: a server that sends
    one now and then would keep the worker from everything else for hours."""

    sock: Any
    cut: Timer | None = None

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self.cut = Timer(WHOLE, shut, [self.sock])
        self.cut.daemon = True
        self.cut.start()

    def close(self) -> None:
        if self.cut is not None:
            self.cut.cancel()
        super().close()  # type: ignore[misc]


def shut(sock: socket.socket) -> None:
    with suppress(OSError):  # it is closed by now
        sock.shutdown(socket.SHUT_RDWR)


class BoundedHttp(Bounded, urllib3.connection.HTTPConnection):
    pass


class BoundedHttps(Bounded, urllib3.connection.HTTPSConnection):
    pass


def send(url: str, body: bytes, *, secret: str, delivery: str, now: datetime) -> None:
    """Post JSON. Refused where the answer is not 2xx; what urllib3 raises where none comes.

    It connects to the address that was checked, whatever the name means a moment later, and
    follows no redirect."""
    parts = urlsplit(url)
    host = in_ascii(str(parts.hostname))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    ip = resolve(host, port)
    time = str(int(now.timestamp()))
    signature = hmac.new(secret.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(ip, port, server_hostname=host, assert_hostname=host)
    else:
        pool = urllib3.HTTPConnectionPool(ip, port)
    pool.ConnectionCls = BoundedHttps if parts.scheme == "https" else BoundedHttp
    with pool:
        answer = pool.request(
            "POST",
            f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}",
            body=body,
            headers={
                "Host": host if parts.port is None else f"{host}:{parts.port}",
                "Content-Type": "application/json",
                "User-Agent": "technology-licensing-marketplace",
                "Marketplace-Signature": f"t={time},v1={signature}",
                "Marketplace-Delivery": delivery,
            },
            timeout=TIMEOUT,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        answer.close()
    if not 200 <= answer.status < 300:
        raise Refused(answer.status)
