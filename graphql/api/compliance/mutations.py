from __future__ import annotations

from datetime import date
from typing import Any

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.mutation import Mutation
from api.rulebook.inputs import DataFileInput, TermSheetInput, data_file, given, term_sheet
from api.scalars import PaperKind
from marketplace.compliance import assessment, classification, dossiers, papers, registers
from marketplace.core.papers import from_base64

from .types import Assessment, Classification, Dossier, Override, Paper, RegisterTask


class TaxFactsInput(graphene.InputObjectType):
    """What the treaty rate rests on; for the licensor to say."""

    tax_resident = graphene.String(description="WIPO ST.3.")
    beneficial_owner = graphene.Boolean()
    hk_resident_certificate_until = graphene.Date(description="Its last day.")


class DossierFacts:
    title = graphene.String()
    technology = graphene.String(description="In words to classify it by.")
    amount = graphene.BigInt(description="Fixed payments, in minor units.")
    currency = graphene.String()
    terms = TermSheetInput()
    licensor_tax = TaxFactsInput()
    files = graphene.List(graphene.NonNull(DataFileInput))


class DossierInput(DossierFacts, graphene.InputObjectType):
    """Plain facts of a licence that is not made here."""

    licensor = graphene.ID(required=True)
    licensee = graphene.ID(required=True)


class DossierChanges(DossierFacts, graphene.InputObjectType):
    """What is left out stays. That of a deal takes title, technology and licensorTax only."""


def facts(input: dict[str, Any]) -> dict[str, Any]:
    """The fields in the words of the services."""
    found = given(input)
    if "terms" in found:
        found["terms"] = term_sheet(found["terms"])
    if "files" in found:
        found["files"] = tuple(data_file(one) for one in found["files"])
    return found


class DossierOpen(Mutation):
    """Open the dossier of a deal, or bring it in step with the deal."""

    dossier = graphene.Field(Dossier)

    class Arguments:
        deal = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, deal: str) -> DossierOpen:
        return cls(
            dossier=dossiers.dossier_open(
                viewer=viewer(info),
                deal_id=parse_id(deal, "Deal", field=("deal",)),
                now=timezone.now(),
            )
        )


class DossierCreate(Mutation):
    """A dossier without a deal, of two organisations, one of them yours."""

    dossier = graphene.Field(Dossier)

    class Arguments:
        input = DossierInput(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, input: dict[str, Any]) -> DossierCreate:
        parties = {
            f"{side}_id": parse_id(input.pop(side), "Organisation", field=(side,))
            for side in ("licensor", "licensee")
        }
        return cls(dossier=dossiers.dossier_create(viewer=viewer(info), **parties, **facts(input)))


class DossierUpdate(Mutation):
    """Change an open dossier; what was signed off has to be signed again."""

    dossier = graphene.Field(Dossier)

    class Arguments:
        id = graphene.ID(required=True)
        revision = graphene.Int(required=True, description="The revision that you read.")
        changes = DossierChanges(required=True)

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, revision: int, changes: dict[str, Any]
    ) -> DossierUpdate:
        return cls(
            dossier=dossiers.dossier_update(
                viewer=viewer(info),
                dossier_id=parse_id(id, "Dossier"),
                revision=revision,
                **facts(changes),
            )
        )


class DossierActivate(Mutation):
    """The agreement of a dossier without a deal is in effect."""

    dossier = graphene.Field(Dossier)

    class Arguments:
        id = graphene.ID(required=True)
        effective_on = graphene.Date(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, effective_on: date) -> DossierActivate:
        return cls(
            dossier=dossiers.dossier_activate(
                viewer=viewer(info),
                dossier_id=parse_id(id, "Dossier"),
                effective_on=effective_on,
                now=timezone.now(),
            )
        )


class DossierFirstRoyalty(Mutation):
    """The first royalty base was reached: the clock of the contract registration starts."""

    dossier = graphene.Field(Dossier)

    class Arguments:
        id = graphene.ID(required=True)
        on = graphene.Date(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, on: date) -> DossierFirstRoyalty:
        return cls(
            dossier=dossiers.dossier_first_royalty(
                viewer=viewer(info), dossier_id=parse_id(id, "Dossier"), on=on
            )
        )


class ClassificationDecide(Mutation):
    """Decide what a catalogue says: a move of the classification's `availableActions`."""

    classification = graphene.Field(Classification)

    class Arguments:
        id = graphene.ID(required=True)
        move = graphene.String(required=True, description="free, restrict, prohibit, license.")
        note = graphene.String(required=True, description="Why.")
        code = graphene.String(description="Such as 252604X or 3E001.")
        licence_number = graphene.String(description="Wanted to license.")
        licence_expires_on = graphene.Date(description="Its last day; wanted to license.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, move: str, **said: Any
    ) -> ClassificationDecide:
        return cls(
            classification=classification.classification_decide(
                viewer=viewer(info),
                classification_id=parse_id(id, "Classification"),
                move=move,
                now=timezone.now(),
                **given(said),
            )
        )


class PaperAdd(Mutation):
    """Add what a register or the bank asks for, or gives: PDF, PNG or JPEG of at most 1 MB."""

    paper = graphene.Field(Paper)

    class Arguments:
        dossier = graphene.ID(required=True)
        kind = PaperKind(required=True)
        name = graphene.String(required=True)
        content = graphene.String(required=True, description="In base64.")
        number = graphene.String()
        issued_on = graphene.Date()

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, dossier: str, content: str, **said: Any
    ) -> PaperAdd:
        return cls(
            paper=papers.paper_add(
                viewer=viewer(info),
                dossier_id=parse_id(dossier, "Dossier", field=("dossier",)),
                content=from_base64(content),
                now=timezone.now(),
                **given(said),
            )
        )


class RegisterTaskMove(Mutation):
    """Say that a register was told, waive what is not compulsory, or reopen."""

    task = graphene.Field(RegisterTask)

    class Arguments:
        id = graphene.ID(required=True)
        move = graphene.String(required=True, description="Such as done.")

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, move: str) -> RegisterTaskMove:
        return cls(
            task=registers.register_task_move(
                viewer=viewer(info),
                task_id=parse_id(id, "RegisterTask"),
                move=move,
                now=timezone.now(),
            )
        )


class DossierAssess(Mutation):
    """Compose the joint risk assessment as things stand; a new one where something changed."""

    assessment = graphene.Field(Assessment)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> DossierAssess:
        return cls(
            assessment=assessment.assess(
                viewer=viewer(info), dossier_id=parse_id(id, "Dossier"), now=timezone.now()
            )
        )


class AssessmentSign(Mutation):
    """Sign the assessment off for your side."""

    assessment = graphene.Field(Assessment)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> AssessmentSign:
        signed = assessment.assessment_sign(
            viewer=viewer(info), assessment_id=parse_id(id, "Assessment"), now=timezone.now()
        )
        return cls(assessment=signed.assessment)


class OverrideAsk(Mutation):
    """Ask that a check which stops be passed over, and say why."""

    override = graphene.Field(Override)

    class Arguments:
        assessment = graphene.ID(required=True)
        check = graphene.String(required=True, description="Its name.")
        reason = graphene.String(required=True)

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, assessment: str, check: str, reason: str
    ) -> OverrideAsk:
        return cls(override=asked(info, assessment, check, reason))


def asked(info: graphene.ResolveInfo, id: str, check: str, reason: str) -> Any:
    return assessment.override_ask(
        viewer=viewer(info),
        assessment_id=parse_id(id, "Assessment", field=("assessment",)),
        check=check,
        reason=reason,
        now=timezone.now(),
    )


class OverrideAgree(Mutation):
    """Agree, as a second person, that a check be passed over."""

    override = graphene.Field(Override)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> OverrideAgree:
        return cls(
            override=assessment.override_agree(
                viewer=viewer(info), override_id=parse_id(id, "Override"), now=timezone.now()
            )
        )


class ComplianceMutations(graphene.ObjectType):
    dossier_open = DossierOpen.Field(required=True)
    dossier_create = DossierCreate.Field(required=True)
    dossier_update = DossierUpdate.Field(required=True)
    dossier_activate = DossierActivate.Field(required=True)
    dossier_first_royalty = DossierFirstRoyalty.Field(required=True)
    dossier_assess = DossierAssess.Field(required=True)
    classification_decide = ClassificationDecide.Field(required=True)
    paper_add = PaperAdd.Field(required=True)
    register_task_move = RegisterTaskMove.Field(required=True)
    assessment_sign = AssessmentSign.Field(required=True)
    override_ask = OverrideAsk.Field(required=True)
    override_agree = OverrideAgree.Field(required=True)
