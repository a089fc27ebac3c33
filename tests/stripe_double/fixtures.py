from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe
from pytest_django import Settings

from marketplace.core import outbox
from marketplace.payments.routes import capabilities
from marketplace.payments.stripe_gateway import client_for

from .server import SECRET, Double
from .world import DOOR, World


@pytest.fixture(scope="session")
def double_server() -> Iterator[Double]:
    server = Double()
    yield server
    server.close()


@pytest.fixture
def double(
    double_server: Double, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Double]:
    double_server.reset()
    settings.STRIPE_SECRET_KEY = "sk_test_double"
    settings.STRIPE_API_BASE = double_server.base
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    settings.STRIPE_WEBHOOK_PATH = DOOR
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.01)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.02)
    yield double_server
    client_for.cache_clear()


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
