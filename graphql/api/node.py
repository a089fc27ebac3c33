"""`node(id)`: any object by its global id, by the same door as by its own query."""

from __future__ import annotations

from typing import Any

import graphene
from graphene.relay import Node

from .accounts.queries import organisation_node
from .accounts.types import Organisation
from .agreements.queries import agreement_node, amendment_node, dispute_node
from .agreements.types import Agreement, Amendment
from .alarms.queries import alarm_node
from .alarms.types import Alarm
from .compliance.queries import (
    assessment_node,
    classification_node,
    dossier_node,
    override_node,
    paper_node,
    task_node,
)
from .compliance.types import (
    Assessment,
    Classification,
    Dossier,
    Override,
    Paper,
    RegisterTask,
)
from .deals.queries import deal_node, mandate_node, nda_node
from .deals.types import Deal, Mandate, Nda
from .disputes.types import Dispute
from .ids import parse_any_id
from .invoices.queries import invoice_node, payment_node
from .invoices.types import Invoice, Payment
from .listings.queries import listing_node
from .listings.types import Listing
from .needs.queries import need_node
from .needs.types import Need
from .patents.queries import patent_node
from .patents.types import Patent
from .payouts.queries import allocation_node
from .payouts.types import Allocation
from .programmes.queries import application_node, certificate_node
from .programmes.types import ProgrammeApplication, SupplierCertificate
from .refunds.queries import refund_node
from .refunds.types import Refund
from .rights.queries import occupation_node
from .rights.types import Occupation
from .rooms.queries import file_node
from .rooms.types import RoomFile
from .royalties.queries import audit_node, milestone_node, statement_node
from .royalties.types import Audit, Milestone, RoyaltyStatement
from .screening.queries import hit_node
from .screening.types import ScreeningHit
from .wires.queries import (
    bank_account_node,
    bank_line_node,
    invoice_paper_node,
    tax_certificate_node,
)
from .wires.types import BankAccount, BankLine, InvoicePaper, TaxCertificate

DOORS = {
    "Dispute": (dispute_node, Dispute),
    "Agreement": (agreement_node, Agreement),
    "Amendment": (amendment_node, Amendment),
    "Assessment": (assessment_node, Assessment),
    "Classification": (classification_node, Classification),
    "Alarm": (alarm_node, Alarm),
    "Allocation": (allocation_node, Allocation),
    "Payment": (payment_node, Payment),
    "Refund": (refund_node, Refund),
    "BankAccount": (bank_account_node, BankAccount),
    "BankLine": (bank_line_node, BankLine),
    "InvoicePaper": (invoice_paper_node, InvoicePaper),
    "TaxCertificate": (tax_certificate_node, TaxCertificate),
    "Deal": (deal_node, Deal),
    "Invoice": (invoice_node, Invoice),
    "Dossier": (dossier_node, Dossier),
    "Listing": (listing_node, Listing),
    "Mandate": (mandate_node, Mandate),
    "Nda": (nda_node, Nda),
    "Need": (need_node, Need),
    "Occupation": (occupation_node, Occupation),
    "Override": (override_node, Override),
    "Paper": (paper_node, Paper),
    "ProgrammeApplication": (application_node, ProgrammeApplication),
    "ScreeningHit": (hit_node, ScreeningHit),
    "SupplierCertificate": (certificate_node, SupplierCertificate),
    "RegisterTask": (task_node, RegisterTask),
    "Milestone": (milestone_node, Milestone),
    "RoyaltyStatement": (statement_node, RoyaltyStatement),
    "Audit": (audit_node, Audit),
    "Organisation": (organisation_node, Organisation),
    "Patent": (patent_node, Patent),
    "RoomFile": (file_node, RoomFile),
}


class NodeQueries(graphene.ObjectType):
    node = graphene.Field(Node, id=graphene.ID(required=True))

    @staticmethod
    def resolve_node(root: None, info: graphene.ResolveInfo, id: str) -> Any:
        type_name, pk = parse_any_id(id, field=("id",))
        door, _ = DOORS.get(type_name, (None, None))
        return door(info, pk) if door else None
