from __future__ import annotations

import graphene
from django.conf import settings
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id, parse_optional_id
from api.mutation import Mutation
from marketplace.core.errors import Conflict
from marketplace.invoices import payouts
from marketplace.payments.gateway import GatewayError
from marketplace.payments.payout_accounts import payout_onboard_begin, payout_onboard_link
from marketplace.payments.stripe_gateway import stripe_gateway

from .types import Allocation


class PayoutOnboard(Mutation):
    """Get a link by which an organisation opens its account at Stripe, for its finance role and
    where transfers can go. Asked again, it is the same account and a new link."""

    atomic = False  # Stripe is called after the account is kept
    link = graphene.String(description="Of Stripe's; works once, for some minutes.")

    class Arguments:
        organisation = graphene.ID(required=True)
        country = graphene.String(required=True, description="Of the account, WIPO ST.3.")

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, organisation: str, country: str) -> PayoutOnboard:
        account = payout_onboard_begin(
            viewer=viewer(info),
            organisation_id=parse_id(organisation, "Organisation", field=("organisation",)),
            country=country,
        )
        try:
            url = payout_onboard_link(
                account.pk, stripe_gateway(), return_url=f"{settings.PUBLIC_URL}/"
            )
        except GatewayError:
            raise Conflict("The payment service does not open an account now.") from None
        return cls(link=url)


class PayoutWirePropose(Mutation):
    """Say that a party's share was sent by wire, for operators; a second person confirms it. It
    goes to the approved account, unless an older one is named that it was sent to."""

    payout = graphene.Field(Allocation)

    class Arguments:
        id = graphene.ID(required=True)
        bank_reference = graphene.String(required=True)
        bank_account = graphene.ID()

    @classmethod
    def perform(
        cls,
        info: graphene.ResolveInfo,
        id: str,
        bank_reference: str,
        bank_account: str | None = None,
    ) -> PayoutWirePropose:
        return cls(
            payout=payouts.payout_wire_propose(
                viewer=viewer(info),
                allocation_id=parse_id(id, "Allocation"),
                bank_reference=bank_reference,
                bank_account_id=parse_optional_id(
                    bank_account, "BankAccount", field=("bank_account",)
                ),
                now=timezone.now(),
            )
        )


class PayoutWireConfirm(Mutation):
    """Confirm that it was sent; for an operator other than who said so."""

    payout = graphene.Field(Allocation)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> PayoutWireConfirm:
        return cls(
            payout=payouts.payout_wire_confirm(
                viewer=viewer(info), allocation_id=parse_id(id, "Allocation"), now=timezone.now()
            )
        )


class PayoutMutations(graphene.ObjectType):
    payout_onboard = PayoutOnboard.Field(required=True)
    payout_wire_propose = PayoutWirePropose.Field(required=True)
    payout_wire_confirm = PayoutWireConfirm.Field(required=True)
