"""The 83 cases of the design: each has a test that carries its number, such as
`pytest -k fault_35`; this file holds the list to that, and 49, which is of no other file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from marketplace.core.errors import Invalid
from marketplace.invoices.models import Invoice
from marketplace.invoices.services import ScheduleItem, invoice_create
from tests.stripe_double.world import World

NUMBERS = re.compile(r"fault((?:_(?:and_)?\d\d)+)")
CASES = set(range(1, 84))


def covered(folder: Path) -> set[int]:
    """The numbers in names of tests and of their parameters."""
    names = re.compile(r'def (test_\w+)|"(fault_\w+)"')
    found = {
        number
        for path in folder.rglob("test_*.py")
        for name in names.findall(path.read_text(encoding="utf-8"))
        for case in NUMBERS.findall("".join(name))
        for number in re.findall(r"\d\d", case)
    }
    return {int(number) for number in found}


def test_every_case_has_a_test_named_after_it() -> None:
    assert CASES - covered(settings.ROOT / "tests") == set()


@pytest.mark.parametrize(
    "amount", [-1, 0, 1.5, float("nan"), float("inf"), "100", None, True], ids=str
)
def test_fault_49_what_is_no_amount_makes_no_invoice(world: World, amount: Any) -> None:
    with pytest.raises(Invalid):
        invoice_create(
            viewer=world.finance,
            issuer=world.licensor.pk,
            payer=world.buyer.pk,
            currency="HKD",
            items=[ScheduleItem("royalty", "Royalty of a quarter", amount)],
        )
    assert not Invoice.objects.exists()
