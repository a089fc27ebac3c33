"""Bank details: entered by one person, approved by an operator who is another."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from stdnum import bic, iban
from stdnum.exceptions import ValidationError

from marketplace.accounts.selectors import platform
from marketplace.accounts.viewer import Role, Viewer
from marketplace.core.checks import Path, checked, currency, words
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.ledger.selectors import finance_party_for

from .models import BankAccount


def swift(value: str, field: Path) -> str:
    try:
        return str(bic.validate(value or ""))
    except ValidationError:
        raise Invalid("A SWIFT code is wanted, such as HSBCHKHHHKH.", field=field) from None


def account_number(value: str, field: Path) -> str:
    """An IBAN with its check digits, or any bank's own number."""
    found = "".join((value or "").split()).upper()
    plain = found.replace("-", "")
    if not (plain.isascii() and plain.isalnum() and 4 <= len(found) <= 34):
        raise Invalid("An account number is wanted, such as 123-456789-838.", field=field)
    if found[:2].isalpha() and found[2:4].isdigit() and not iban.is_valid(found):
        raise Invalid("The check digits of this IBAN are wrong.", field=field)
    return found


CHECKS = {
    "currency": currency,
    "holder": words(140, at_least=2),
    "bank": words(140, at_least=2),
    "number": account_number,
    "swift": swift,
}


@transaction.atomic
def bank_account_enter(*, viewer: Viewer, organisation_id: UUID, **details: Any) -> BankAccount:
    """Say where an organisation takes wires: currency, holder, bank, number, swift."""
    organisation = finance_party_for(viewer, organisation_id)
    given = checked(details, CHECKS)
    if not given["currency"]:
        raise Invalid("Three letters of ISO 4217 are wanted, such as HKD.", field=("currency",))
    return BankAccount.objects.create(
        organisation=organisation, entered_by=viewer.require_user(), **given
    )


@transaction.atomic
def bank_account_approve(*, viewer: Viewer, bank_account_id: UUID, now: datetime) -> BankAccount:
    """Have the details count from now on, in place of the older ones."""
    row = waiting_account(viewer, bank_account_id)
    if row.entered_by == viewer.require_user():
        raise Forbidden("A second person approves.")
    row.approved_by, row.approved_at = viewer.require_user(), now
    row.save(update_fields=["approved_by", "approved_at", "updated_at"])
    return row


@transaction.atomic
def bank_account_refuse(*, viewer: Viewer, bank_account_id: UUID, reason: str) -> BankAccount:
    row = waiting_account(viewer, bank_account_id)
    row.refused = words(300, at_least=3)(reason, ("reason",))
    row.save(update_fields=["refused", "updated_at"])
    return row


def waiting_account(viewer: Viewer, bank_account_id: UUID) -> BankAccount:
    """Locked; for operators."""
    viewer.require_operator()
    row = BankAccount.objects.select_for_update().filter(pk=bank_account_id).first()
    if row is None:
        raise NotFound("No such bank account.")
    if row.approved_by_id is not None or row.refused:
        raise Conflict("These details were decided already.")
    return row


def waiting_accounts() -> QuerySet[BankAccount]:
    """Neither approved nor refused yet."""
    return BankAccount.objects.filter(approved_at=None, refused="")


def visible_accounts(viewer: Viewer) -> QuerySet[BankAccount]:
    """Of the organisations whose books the viewer keeps; operators see all."""
    rows = BankAccount.objects.select_related("organisation", "entered_by", "approved_by")
    if viewer.is_operator:
        return rows
    ours = [one for one, roles in viewer.roles.items() if Role.FINANCE in roles]
    return rows.filter(organisation__in=ours)


def approved_accounts(currency: str) -> QuerySet[BankAccount]:
    """The newest first."""
    found = BankAccount.objects.filter(currency=currency, approved_at__isnull=False)
    return found.order_by("-approved_at", "-pk")


def bank_account_of(organisation_id: UUID, currency: str) -> BankAccount | None:
    """Where a party is paid by wire in a currency; None where nothing is approved."""
    return approved_accounts(currency).filter(organisation=organisation_id).first()


def collection_account(currency: str) -> BankAccount | None:
    """Where payers send wires in a currency: the marketplace's own account."""
    ours = platform()
    return bank_account_of(ours.pk, currency) if ours else None
