import pytest

from marketplace.invoices.models import Payment
from tests.stripe_double.fixtures import (  # noqa: F401
    double,
    double_server,
    handlers_are_there,
    transfers_allowed,
    world,
)
from tests.stripe_double.world import World


@pytest.fixture
def paid(world: World, transfers_allowed: None) -> Payment:  # noqa: F811
    world.accounts()
    return world.paid(world.invoice())
