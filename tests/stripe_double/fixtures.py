from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe

from marketplace.core import outbox
from marketplace.payments.routes import capabilities

from .server import Double
from .world import World, pointed_at


@pytest.fixture(scope="session")
def double_server() -> Iterator[Double]:
    server = Double()
    yield server
    server.close()


@pytest.fixture
def double(double_server: Double, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    double_server.reset()
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.01)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.02)
    with pointed_at(double_server):
        yield double_server


@pytest.fixture
def world(double: Double, db: None) -> World:
    return World(double)


@pytest.fixture
def transfers_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day on which Stripe transfers inside Hong Kong: the table is data, so this is one row."""
    monkeypatch.setitem(capabilities()["transfer"], "HK", ["HK"])


@pytest.fixture(autouse=True)
def handlers_are_there() -> None:
    assert outbox.HANDLERS["stripe.event"]
