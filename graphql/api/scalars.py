"""Scalars of the field, and enums made from the domain's vocabularies."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import graphene
from django.db.models import IntegerChoices, TextChoices
from graphql import GraphQLError, IntValueNode

from marketplace.accounts.models import Membership, VerificationEvidence
from marketplace.accounts.models import Organisation as OrganisationModel
from marketplace.agreements.models import Agreement, Amendment
from marketplace.compliance.catalogue import Direction
from marketplace.compliance.kinds import PaperKind as PaperKinds
from marketplace.compliance.models import Classification, Dossier, RegisterTask
from marketplace.core import vocabulary
from marketplace.core.language import Language as Languages
from marketplace.deals.models import Deal, Mandate
from marketplace.disputes.models import Dispute
from marketplace.invoices.bank_statement import Format
from marketplace.invoices.models import (
    BankLine,
    InvoiceLine,
    InvoicePaper,
    Payment,
    Refund,
    Share,
    TaxCertificate,
)
from marketplace.invoices.workflow import AllocationState as AllocationStates
from marketplace.invoices.workflow import InvoiceState as InvoiceStates
from marketplace.invoices.workflow import PaymentState as PaymentStates
from marketplace.ledger.models import Account
from marketplace.listings.models import Disclosure, Listing, ListingText
from marketplace.needs.models import Need
from marketplace.negotiation import terms
from marketplace.negotiation.models import Negotiation
from marketplace.patents.models import LegalEvent
from marketplace.patents.status import Status
from marketplace.programmes.models import ReviewState as ReviewStates
from marketplace.rights.availability import Left
from marketplace.rights.cover import Cover
from marketplace.rights.models import Act, Asset, Occupation
from marketplace.rooms.models import RoomFile
from marketplace.royalties.models import Audit, Milestone, RoyaltyStatement
from marketplace.rulebook.data_route import Outcome
from marketplace.rulebook.engine import Certainty as Certainties
from marketplace.rulebook.facts import GrantBack as GrantBacks
from marketplace.rulebook.models import Rule
from marketplace.screening.models import ScreeningHit


def enum(
    name: str,
    choices: type[TextChoices] | type[IntegerChoices] | type[StrEnum],
    description: str,
) -> graphene.Enum:
    """A GraphQL enum whose names are the vocabulary's and whose values are those we store."""
    return graphene.Enum(
        name,
        [(one.name, one.value) for one in choices],
        description=lambda value: description if value is None else str(value.value),
    )


Language = graphene.Enum(
    "Language",
    [("EN", "en"), ("ZH_HANS", "zh-Hans"), ("ZH_HANT", "zh-Hant")],
    description=lambda value: (
        "A language of the marketplace." if value is None else Languages(value.value).label
    ),
)
OrganisationKind = enum(
    "OrganisationKind", OrganisationModel.Kind, "What an organisation does here."
)
Verification = enum("Verification", OrganisationModel.Verification, "How far it is verified.")
EvidenceKind = enum("EvidenceKind", VerificationEvidence.Kind, "What was shown.")
Role = enum("Role", Membership.Role, "What a member may do.")
ListingKind = enum("ListingKind", vocabulary.ListingKind, "What is offered.")
IprStatus = enum("IprStatus", vocabulary.IprStatus, "How the technology is protected.")
Exclusivity = enum("Exclusivity", vocabulary.Exclusivity, "Who else may use what is licensed.")
PriceModel = enum("PriceModel", vocabulary.PriceModel, "How it is paid.")
ListingState = enum("ListingState", Listing.State, "How far a listing has come.")
TextStatus = enum("TextStatus", ListingText.Status, "Where the words of a language come from.")
NeedState = enum("NeedState", Need.State, "How far a need has come.")
Criterion = enum("Criterion", Need.Criterion, "A wish that can be made a must-have.")


def whole_number(value: Any) -> int:
    """A BigInt of a variable. Graphene alone would cut 1.5 down to 1; text is for JavaScript, whose
    own numbers are exact up to 2**53 only."""
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(
            value
        )  # as GraphQL's own Int; a number of 2^64 and more is read as one of these
    if type(value) is not int:
        raise GraphQLError(f"A whole number is wanted, such as 500, not {value!r:.40}.")
    return value


def whole_literal(node: Any, variables: Any = None) -> int:
    """A BigInt that stands in the document."""
    return whole_number(int(node.value) if isinstance(node, IntValueNode) else None)


class Money(graphene.ObjectType):
    """An amount in minor units: HKD 5.00 is 500, JPY 500 is 500."""

    amount = graphene.BigInt(required=True, description="In minor units.")
    currency = graphene.String(required=True, description="ISO 4217.")


def money(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount=amount, currency=currency)


LegalEventKind = enum("LegalEventKind", LegalEvent.Kind, "What happened to a patent.")
LegalStatus = enum("LegalStatus", Status, "What the events say of a patent in a territory.")
DealState = enum("DealState", Deal.State, "How far a deal has come.")
DeclineReason = enum("DeclineReason", vocabulary.DeclineReason, "Why something is declined.")
DisclosureLevel = enum("DisclosureLevel", Disclosure.Level, "How far one sees into a listing.")
MandateState = enum("MandateState", Mandate.State, "How far a mandate has come.")
MandateAct = enum("MandateAct", Mandate.Act, "What a mandate lets a transfer centre do.")
RightAct = enum("RightAct", Act, "What a licence lets one do.")
OccupationKind = enum("OccupationKind", Occupation.Kind, "Why a right is taken.")
AssetKind = enum("AssetKind", Asset.Kind, "What a right is a right to.")
PatentCover = enum("PatentCover", Cover, "What stands behind a listing in a territory.")
RightsLeft = enum("RightsLeft", Left, "How much of what is offered is free.")
NegotiationState = enum("NegotiationState", Negotiation.State, "How far the talks have come.")
RoyaltyBase = enum("RoyaltyBase", terms.RoyaltyBase, "What a royalty is reckoned on.")
GrantBack = enum("GrantBack", terms.GrantBack, "What the licensor gets of improvements.")
Improvements = enum("Improvements", terms.Improvements, "Who owns improvements.")
ArbitrationRules = enum("ArbitrationRules", terms.ArbitrationRules, "By which rules.")
TermsLanguage = enum("TermsLanguage", terms.TermsLanguage, "Which text prevails.")
AgreementState = enum("AgreementState", Agreement.State, "How far an agreement has come.")
AmendmentState = enum("AmendmentState", Amendment.State, "How far an amendment has come.")
DataClass = enum("DataClass", RoomFile.Classification, "What data a file holds.")
RoomFileState = enum("RoomFileState", RoomFile.State, "How far an upload has come.")
ScanResult = enum("ScanResult", RoomFile.Scan, "What the virus scanner said.")
DisputeState = enum("DisputeState", Dispute.State, "How far a dispute has come.")
MilestoneState = enum("MilestoneState", Milestone.State, "How far a milestone has come.")
RoyaltyStatementState = enum(
    "RoyaltyStatementState", RoyaltyStatement.State, "How far a royalty statement has come."
)
AuditState = enum("AuditState", Audit.State, "How far an audit has come.")
RuleStatus = enum("RuleStatus", Rule.Status, "How sure a row of the rule book is.")
RuleOrigin = enum("RuleOrigin", Rule.Origin, "Who wrote a row of the rule book.")
Certainty = enum("Certainty", Certainties, "Whether all that an answer rests on is confirmed.")
GateOutcome = enum("GateOutcome", Outcome, "What the law says of a file on its way.")
GrantBackForm = enum("GrantBackForm", GrantBacks, "How improvements come back.")
Severity = graphene.Enum(
    "Severity", [("REFUSE", "refuse"), ("WARN", "warn"), ("NOTE", "note")],
    description=lambda value: "How grave a finding is." if value is None else str(value.value),
)  # fmt: skip
InvoiceState = enum("InvoiceState", InvoiceStates, "How far an invoice has come.")
LineKind = enum("LineKind", InvoiceLine.Kind, "What an invoice asks for.")
PaymentMethod = enum("PaymentMethod", Payment.Method, "How a payment is made.")
PaymentState = enum("PaymentState", PaymentStates, "How far a payment has come.")
InvoicePaperKind = enum("InvoicePaperKind", InvoicePaper.Kind, "What was shown for an invoice.")
BankStatementFormat = enum("BankStatementFormat", Format, "How a bank states an account.")
BankLineState = enum("BankLineState", BankLine.State, "How far a credit is matched.")
TaxCertificateState = enum(
    "TaxCertificateState", TaxCertificate.State, "How far a tax certificate has come."
)
RefundState = enum("RefundState", Refund.State, "How far a refund has come.")
AllocationState = enum("AllocationState", AllocationStates, "How far a party's share has come.")
ShareRole = enum("ShareRole", Share.Role, "For what a party gets a share.")
LedgerAccount = enum("LedgerAccount", Account, "An account of the books.")
CheckVerdict = graphene.Enum(
    "CheckVerdict", [("PASS", "pass"), ("WARN", "warn"), ("STOP", "stop")],
    description=lambda value: "What a check found." if value is None else str(value.value),
)  # fmt: skip
CatalogueDirection = enum("CatalogueDirection", Direction, "Which law a technology meets.")
ClassificationCause = enum("ClassificationCause", Classification.Cause, "What goes that way.")
ClassificationState = enum("ClassificationState", Classification.State, "What was decided.")
DossierState = enum("DossierState", Dossier.State, "How far a dossier has come.")
PaperKind = enum("PaperKind", PaperKinds, "What a paper is.")
RegisterTaskState = enum("RegisterTaskState", RegisterTask.State, "How far a task has come.")
ReviewState = enum("ReviewState", ReviewStates, "How far a review has come.")
ScreeningHitState = enum("ScreeningHitState", ScreeningHit.State, "What a person said of it.")
