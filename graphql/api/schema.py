"""The one place where everything that can be read and done is put together."""

from __future__ import annotations

from typing import Any

import graphene
from graphene.types.definitions import GrapheneEnumType
from graphql import GraphQLAbstractType, GraphQLEnumType, GraphQLResolveInfo

from .accounts.mutations import AccountMutations
from .accounts.queries import AccountQueries
from .agreements.mutations import AgreementMutations
from .agreements.queries import AgreementQueries
from .alarms.mutations import AlarmMutations
from .alarms.queries import AlarmQueries
from .alerts.mutations import AlertMutations
from .alerts.queries import AlertQueries
from .analytics.queries import AnalyticsQueries
from .books.mutations import BookMutations
from .books.queries import BookQueries
from .compliance.mutations import ComplianceMutations
from .compliance.queries import ComplianceQueries
from .deals.mutations import DealMutations
from .deals.queries import DealQueries
from .disputes.mutations import DisputeMutations
from .feedback.mutations import FeedbackMutations
from .feedback.queries import FeedbackQueries
from .invoices.mutations import InvoiceMutations
from .invoices.queries import InvoiceQueries
from .listings.mutations import ListingMutations
from .listings.queries import ListingQueries
from .needs.mutations import NeedMutations
from .needs.queries import NeedQueries
from .negotiation.mutations import NegotiationMutations
from .node import NodeQueries
from .patents.queries import PatentQueries
from .payouts.mutations import PayoutMutations
from .payouts.queries import PayoutQueries
from .programmes.mutations import ProgrammeMutations
from .programmes.queries import ProgrammeQueries
from .refunds.mutations import RefundMutations
from .refunds.queries import RefundQueries
from .rights.mutations import RightsMutations
from .rights.queries import RightsQueries
from .rooms.mutations import RoomMutations
from .rooms.queries import RoomQueries
from .royalties.mutations import RoyaltyMutations
from .rulebook.queries import RulebookQueries
from .scalars import whole_literal, whole_number
from .screening.mutations import ScreeningMutations
from .screening.queries import ScreeningQueries
from .search.mutations import SearchMutations
from .search.queries import SearchQueries
from .wires.mutations import WireMutations
from .wires.queries import WireQueries


class Query(
    WireQueries,
    BookQueries,
    PayoutQueries,
    RefundQueries,
    AlarmQueries,
    InvoiceQueries,
    AlertQueries,
    SearchQueries,
    RulebookQueries,
    ComplianceQueries,
    ProgrammeQueries,
    ScreeningQueries,
    RoomQueries,
    AgreementQueries,
    DealQueries,
    RightsQueries,
    NeedQueries,
    FeedbackQueries,
    AnalyticsQueries,
    PatentQueries,
    ListingQueries,
    AccountQueries,
    NodeQueries,
):
    """Everything that can be read."""


class Mutation(
    RoyaltyMutations,
    WireMutations,
    BookMutations,
    PayoutMutations,
    SearchMutations,
    RefundMutations,
    AlarmMutations,
    ComplianceMutations,
    ProgrammeMutations,
    ScreeningMutations,
    InvoiceMutations,
    DisputeMutations,
    RoomMutations,
    AgreementMutations,
    NegotiationMutations,
    AlertMutations,
    DealMutations,
    RightsMutations,
    NeedMutations,
    FeedbackMutations,
    ListingMutations,
    AccountMutations,
):
    """Everything that can be done."""


def type_of_node(value: Any, info: GraphQLResolveInfo, abstract: GraphQLAbstractType) -> str:
    """Our models are named as their types are."""
    return type(value).__name__


def build() -> graphene.Schema:
    built = graphene.Schema(query=Query, mutation=Mutation)
    types = built.graphql_schema.type_map
    types["Node"].resolve_type = type_of_node
    types["BigInt"].parse_value = whole_number
    types["BigInt"].parse_literal = whole_literal
    for enum in types.values():
        if isinstance(enum, GrapheneEnumType):
            # Graphene would hand its own enum members to the services, which know plain values,
            # and look each value up twice on the way out.
            for one in enum.values.values():
                one.value = one.value.value
            enum.__dict__.pop("_value_lookup", None)
            enum.__class__ = GraphQLEnumType
    return built


schema = build()
