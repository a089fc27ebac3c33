from __future__ import annotations

from typing import Any

import graphene

from api.accounts.types import Organisation
from marketplace.core.links import LIFETIME
from marketplace.documents import models
from marketplace.documents.links import document_link


class Signature(graphene.ObjectType):
    """Somebody bound their organisation to a document."""

    organisation = graphene.Field(Organisation, required=True)
    typed_name = graphene.String(required=True)
    signed_at = graphene.DateTime(required=True)
    sha256 = graphene.String(required=True, description="Of the text as the signer read it.")


class Document(graphene.ObjectType):
    """A text in English and Simplified Chinese that its parties sign."""

    number = graphene.Int(required=True, description="Its version, from 1.")
    title_en = graphene.String(required=True)
    title_zh = graphene.String(required=True)
    text_en = graphene.String(required=True)
    text_zh = graphene.String(required=True)
    sha256 = graphene.String(required=True, description="To be sent back when you sign.")
    templates = graphene.List(graphene.NonNull(graphene.String), required=True)
    signatures = graphene.List(graphene.NonNull(Signature), required=True)
    unsigned_by = graphene.List(
        graphene.NonNull(Organisation), required=True, description="Whose signature is wanted."
    )
    pdf = graphene.String(
        required=True, description=f"Path of its PDF, good for {LIFETIME} seconds."
    )

    @staticmethod
    def resolve_signatures(root: models.Document, info: graphene.ResolveInfo) -> Any:
        return root.signatures.all()

    @staticmethod
    def resolve_unsigned_by(root: models.Document, info: graphene.ResolveInfo) -> Any:
        signed = {one.organisation_id for one in root.signatures.all()}
        return [party for party in root.parties.all() if party.pk not in signed]

    @staticmethod
    def resolve_pdf(root: models.Document, info: graphene.ResolveInfo) -> str:
        return document_link(root.pk)
