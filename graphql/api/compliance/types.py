from __future__ import annotations

from typing import Any

import graphene
from django.db.models import Prefetch
from django.utils import timezone
from graphene.relay import Node

from api.accounts.types import Organisation
from api.auth import viewer
from api.rulebook.types import RuleAnswer, text, texts
from api.scalars import (
    CatalogueDirection,
    Certainty,
    CheckVerdict,
    ClassificationCause,
    ClassificationState,
    DossierState,
    Money,
    PaperKind,
    RegisterTaskState,
    money,
)
from marketplace.accounts.models import User
from marketplace.compliance import classification, models, registers
from marketplace.compliance.catalogue import Direction, Item, Suggestion, items, suggestions
from marketplace.compliance.links import paper_link
from marketplace.core.language import worded
from marketplace.core.links import LIFETIME
from marketplace.rulebook.engine import Reason, no_legal_advice


def name_of(user: User | None) -> str | None:
    return None if user is None else user.name or "A member without a name"


class CatalogueSuggestion(graphene.ObjectType):
    """An item of a catalogue that shares words with the technology. A person decides."""

    code = graphene.String(required=True, description="Empty where it is not known.")
    prohibited = graphene.Boolean(required=True, description="Else restricted.")
    name = text("Of the item.")
    points = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="Of control."
    )
    score = graphene.Float(required=True, description="From 0 to 1.")
    words = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="Of the text, that matched."
    )
    answer = graphene.Field(RuleAnswer, required=True)

    @staticmethod
    def resolve_code(root: Suggestion, info: graphene.ResolveInfo) -> str:
        return root.item.parameters.code

    @staticmethod
    def resolve_prohibited(root: Suggestion, info: graphene.ResolveInfo) -> bool:
        return root.item.parameters.class_ == "prohibited"

    @staticmethod
    def resolve_name(root: Suggestion, info: graphene.ResolveInfo, language: str) -> str:
        return worded(root.item.parameters.name, language)

    @staticmethod
    def resolve_points(root: Suggestion, info: graphene.ResolveInfo) -> list[str]:
        return root.item.parameters.points

    @staticmethod
    def resolve_answer(root: Suggestion, info: graphene.ResolveInfo) -> Any:
        return root.item.answer


def catalogue(info: graphene.ResolveInfo, direction: str) -> list[Item]:
    """The items in force today, asked once a request."""
    memo = viewer(info).memo
    key = f"catalogue {direction}"
    if key not in memo:
        memo[key] = items(Direction(direction), on=timezone.localdate())
    found: list[Item] = memo[key]
    return found


class Classification(graphene.ObjectType):
    """What a catalogue says of the technology on its way in one direction."""

    class Meta:
        interfaces = (Node,)

    direction = graphene.Field(CatalogueDirection, required=True)
    cause = graphene.Field(ClassificationCause, required=True)
    state = graphene.Field(ClassificationState, required=True)
    code = graphene.String(required=True)
    note = graphene.String(required=True, description="Why it was decided so.")
    licence_number = graphene.String(required=True)
    licence_expires_on = graphene.Date()
    decided_by = graphene.String()
    suggestions = graphene.List(graphene.NonNull(CatalogueSuggestion), required=True)
    available_actions = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="For classificationDecide."
    )

    @staticmethod
    def resolve_decided_by(root: models.Classification, info: graphene.ResolveInfo) -> str | None:
        return name_of(root.decided_by)

    @staticmethod
    def resolve_suggestions(
        root: models.Classification, info: graphene.ResolveInfo
    ) -> list[Suggestion]:
        return suggestions(root.dossier.technology, catalogue(info, root.direction))

    @staticmethod
    def resolve_available_actions(
        root: models.Classification, info: graphene.ResolveInfo
    ) -> list[str]:
        return classification.available(viewer(info), root)


class RegisterTask(graphene.ObjectType):
    """A register to be told: by when, by whom, with which papers."""

    class Meta:
        interfaces = (Node,)

    register = graphene.String(required=True, description="mofcom, cnipa or recognition.")
    rule = graphene.String(required=True, description="The row of the rule book behind it.")
    responsible = graphene.Field(Organisation, required=True)
    compulsory = graphene.Boolean(required=True)
    documents = graphene.List(graphene.NonNull(PaperKind), required=True)
    due_on = graphene.Date(description="Null: its clock does not run yet.")
    state = graphene.Field(RegisterTaskState, required=True)
    available_actions = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="For registerTaskMove."
    )

    @staticmethod
    def resolve_available_actions(
        root: models.RegisterTask, info: graphene.ResolveInfo
    ) -> list[str]:
        return registers.available(viewer(info), root)


class Paper(graphene.ObjectType):
    """What a register or the bank asks for, or gives."""

    class Meta:
        interfaces = (Node,)

    kind = graphene.Field(PaperKind, required=True)
    name = graphene.String(required=True)
    number = graphene.String(required=True)
    issued_on = graphene.Date()
    media_type = graphene.String(required=True)
    sha256 = graphene.String(required=True)
    uploaded_by = graphene.String(required=True)
    created_at = graphene.DateTime(required=True)
    link = graphene.String(
        required=True, description=f"Path of the paper, good for {LIFETIME} seconds."
    )

    @staticmethod
    def resolve_uploaded_by(root: models.Paper, info: graphene.ResolveInfo) -> str | None:
        return name_of(root.uploaded_by)

    @staticmethod
    def resolve_link(root: models.Paper, info: graphene.ResolveInfo) -> str:
        return paper_link(root.pk)


class RiskCheck(graphene.ObjectType):
    """One check of the joint risk assessment."""

    name = graphene.String(required=True, description="Such as classification or tax.")
    verdict = graphene.Field(CheckVerdict, required=True)
    absolute = graphene.Boolean(required=True, description="Nobody may pass it over.")
    status = graphene.Field(Certainty, required=True)
    rules = graphene.List(graphene.NonNull(graphene.String), required=True)
    reasons = texts("Why, sentence by sentence.")

    @staticmethod
    def resolve_reasons(
        root: dict[str, Any], info: graphene.ResolveInfo, language: str
    ) -> list[str]:
        return [one[language] for one in root["reasons"]]


class SignOff(graphene.ObjectType):
    """One side takes the assessment as it stands."""

    side = graphene.String(required=True, description="licensor or licensee.")
    user = graphene.String(required=True)
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_user(root: models.SignOff, info: graphene.ResolveInfo) -> str | None:
        return name_of(root.user)


class Override(graphene.ObjectType):
    """A check that stops is passed over: asked for by one person, agreed by another."""

    class Meta:
        interfaces = (Node,)

    check_name = graphene.String(required=True)
    reason = graphene.String(required=True)
    asked_by = graphene.String(required=True)
    agreed_by = graphene.String()

    @staticmethod
    def resolve_asked_by(root: models.Override, info: graphene.ResolveInfo) -> str | None:
        return name_of(root.asked_by)

    @staticmethod
    def resolve_agreed_by(root: models.Override, info: graphene.ResolveInfo) -> str | None:
        return name_of(root.agreed_by)


class Assessment(graphene.ObjectType):
    """The joint risk assessment as it stood on a day. It is no legal advice."""

    class Meta:
        interfaces = (Node,)

    on = graphene.Date(required=True)
    checks = graphene.List(graphene.NonNull(RiskCheck), required=True)
    digest = graphene.String(required=True, description="What both sides sign.")
    sign_offs = graphene.List(graphene.NonNull(SignOff), required=True)
    overrides = graphene.List(graphene.NonNull(Override), required=True)
    created_at = graphene.DateTime(required=True)
    notice = text("That this is no legal advice.")

    @staticmethod
    def resolve_sign_offs(root: models.Assessment, info: graphene.ResolveInfo) -> Any:
        return root.sign_offs.all()

    @staticmethod
    def resolve_overrides(root: models.Assessment, info: graphene.ResolveInfo) -> Any:
        return root.overrides.all()

    @staticmethod
    def resolve_notice(root: models.Assessment, info: graphene.ResolveInfo, language: str) -> str:
        return no_legal_advice(language)


class Dossier(graphene.ObjectType):
    """What must be true before a technology and its money cross the border, for one deal."""

    class Meta:
        interfaces = (Node,)

    licensor = graphene.Field(Organisation, required=True)
    licensee = graphene.Field(Organisation, required=True)
    title = graphene.String(required=True)
    technology = graphene.String(required=True, description="In words to classify it by.")
    amount = graphene.Field(Money, description="Fixed payments; null: none is fixed.")
    terms = graphene.JSONString(required=True, description="As the rule book reads them.")
    licensor_tax = graphene.JSONString(required=True)
    files = graphene.JSONString(required=True, description="Data class of each file of the room.")
    effective_on = graphene.Date()
    first_royalty_on = graphene.Date()
    state = graphene.Field(DossierState, required=True)
    revision = graphene.Int(required=True)
    classifications = graphene.List(graphene.NonNull(Classification), required=True)
    tasks = graphene.List(graphene.NonNull(RegisterTask), required=True)
    papers = graphene.List(graphene.NonNull(Paper), required=True)
    assessments = graphene.List(
        graphene.NonNull(Assessment), required=True, description="The newest first."
    )
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_amount(root: models.Dossier, info: graphene.ResolveInfo) -> Money | None:
        return money(root.amount, root.currency)

    @staticmethod
    def resolve_classifications(root: models.Dossier, info: graphene.ResolveInfo) -> Any:
        return belonging(root, root.classifications.all())

    @staticmethod
    def resolve_tasks(root: models.Dossier, info: graphene.ResolveInfo) -> Any:
        return belonging(root, root.tasks.all())

    @staticmethod
    def resolve_papers(root: models.Dossier, info: graphene.ResolveInfo) -> Any:
        return root.papers.all()

    @staticmethod
    def resolve_assessments(root: models.Dossier, info: graphene.ResolveInfo) -> Any:
        return root.assessments.all()


def belonging(dossier: models.Dossier, rows: Any) -> list[Any]:
    """The rows, each knowing its dossier without asking again."""
    found = list(rows)
    for row in found:
        row.dossier = dossier
    return found


class Obstacle(graphene.ObjectType):
    """Something that keeps the agreement from taking effect."""

    reason = text("In words.")

    @staticmethod
    def resolve_reason(root: Reason, info: graphene.ResolveInfo, language: str) -> str:
        return root.text(language)


class WantedPaper(graphene.ObjectType):
    """A paper that the bank asks for, and the one there is."""

    kind = graphene.Field(PaperKind, required=True)
    paper = graphene.Field(Paper)


class RemittanceBundle(graphene.ObjectType):
    """What the bank asks for to remit an amount, and what is missing."""

    papers = graphene.List(graphene.NonNull(WantedPaper), required=True)
    missing = graphene.List(graphene.NonNull(PaperKind), required=True)
    answer = graphene.Field(RuleAnswer, required=True)
    zip = graphene.String(required=True, description="Of the papers there are, in base64.")


def lookups(prefix: str = "") -> dict[str, Any]:
    """What the objects below a dossier bring with them; `prefix` leads to the dossier."""
    papers = models.Paper.objects.defer("content").select_related("uploaded_by")
    return {
        "classifications": f"{prefix}classifications__decided_by",
        "tasks": f"{prefix}tasks__responsible",
        "papers": (Prefetch(f"{prefix}papers", papers),),
        "assessments": (
            f"{prefix}assessments__sign_offs__user",
            f"{prefix}assessments__overrides__asked_by",
            f"{prefix}assessments__overrides__agreed_by",
        ),
    }
