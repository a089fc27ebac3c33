from __future__ import annotations

import socket
import time
from datetime import UTC, datetime
from threading import Thread

import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from marketplace.core import webhooks
from marketplace.core.errors import Invalid
from marketplace.core.webhooks import address, may_reach, secret_for

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fe80::1",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",  # the same by NAT64
    "2002:7f00:1::",  # 127.0.0.1 by 6to4
    "64:ff9b:1::7f00:1",  # by the NAT64 of a site
    "fec0::1",  # of a site, as before fc00::
    "::127.0.0.1",
]


@pytest.mark.parametrize("ip", PRIVATE)
def test_no_private_address_is_reached(ip: str) -> None:
    assert may_reach(ip) is False


@pytest.mark.parametrize("ip", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_a_public_address_is_reached(ip: str) -> None:
    assert may_reach(ip) is True


def test_a_deployment_may_open_a_network_of_its_own(settings: Settings) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = ["10.1.0.0/16"]
    assert (may_reach("10.1.2.3"), may_reach("10.2.2.3")) == (True, False)
    assert address("http://10.1.2.3:8080/x", ("url",)) == "http://10.1.2.3:8080/x"


@given(st.text(max_size=60) | st.text(max_size=40).map("https://{}".format))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    try:
        found = address(text, ("url",))
    except Invalid as error:
        assert error.field == ("url",)
    else:
        assert found == "" or found.lower().startswith("https://")


def test_each_receiver_has_its_own_secret() -> None:
    assert secret_for("a") != secret_for("b")
    assert len(secret_for("a")) == 64


def test_a_server_that_answers_a_byte_at_a_time_is_not_waited_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    monkeypatch.setattr(webhooks, "WHOLE", 0.2)

    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            try:
                for _ in range(100):
                    connection.sendall(b"H")
                    time.sleep(0.05)
            except OSError:  # it was cut
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=answer, args=[server], daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        start = time.monotonic()
        with pytest.raises(urllib3.exceptions.HTTPError):
            webhooks.send(url, b"{}", secret="s", delivery="1", now=datetime.now(UTC))
        assert time.monotonic() - start < 2
        thread.join()


def test_a_name_in_chinese_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    assert address("https://例子.香港/通知", ("url",)) == "https://例子.香港/通知"
    monkeypatch.setattr(webhooks, "resolve", lambda host, port: "127.0.0.1")
    heard: list[bytes] = []

    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            heard.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=answer, args=[server], daemon=True)
        thread.start()
        port = server.getsockname()[1]
        webhooks.send(
            f"http://例子.香港:{port}/通知", b"{}", secret="s", delivery="1", now=datetime.now(UTC)
        )
        thread.join()
    assert f"Host: xn--fsqu00a.xn--j6w193g:{port}\r\n".encode() in heard[0]


@pytest.mark.parametrize(
    "host",
    ["example..com", f"{'a' * 64}.com", "127。0。0。1", "exam ple.com", 'exa"mple.com', "a\tb"],
)
def test_a_name_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(Invalid):
        address(f"https://{host}/", ("url",))
