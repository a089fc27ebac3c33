from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone
from graphene.relay import Node

from api.accounts.types import Organisation
from api.auth import viewer
from api.scalars import DataClass, RoomFileState, ScanResult
from marketplace.rooms import models
from marketplace.rooms.policies import sees_log
from marketplace.rooms.services import CHUNK_BYTES, chunks_of


class RoomAccess(graphene.ObjectType):
    """An organisation may read a file until a time."""

    organisation = graphene.Field(Organisation, required=True)
    expires_at = graphene.DateTime(required=True)
    revoked_at = graphene.DateTime()
    in_force = graphene.Boolean(required=True)

    @staticmethod
    def resolve_in_force(root: models.Grant, info: graphene.ResolveInfo) -> bool:
        return root.revoked_at is None and root.expires_at > timezone.now()


class RoomOpening(graphene.ObjectType):
    """Somebody opened a file."""

    organisation = graphene.Field(Organisation, required=True)
    reader = graphene.String(required=True)
    at = graphene.DateTime(required=True)
    address = graphene.String(required=True)

    @staticmethod
    def resolve_reader(root: models.Opening, info: graphene.ResolveInfo) -> str:
        return root.user.name or "A member without a name"


class RoomFile(graphene.ObjectType):
    """A file of a deal's data room."""

    class Meta:
        interfaces = (Node,)

    folder = graphene.String(required=True, description="Such as tests/2026.")
    name = graphene.String(required=True)
    owner = graphene.Field(Organisation, required=True, description="Whose side uploaded it.")
    classification = graphene.Field(DataClass, required=True)
    persons = graphene.Int(description="Of how many persons a year it holds data.")
    under_gba_contract = graphene.Boolean(
        required=True, description="Received under one, so it may not leave the bay area."
    )
    size = graphene.BigInt(required=True, description="In bytes.")
    sha256 = graphene.String(required=True)
    media_type = graphene.String(required=True, description="As its bytes tell.")
    state = graphene.Field(RoomFileState, required=True)
    scan = graphene.Field(ScanResult, required=True)
    reason = graphene.String(required=True, description="Why it was refused.")
    chunk_bytes = graphene.Int(required=True, description="Of each chunk but the last.")
    chunks_missing = graphene.List(
        graphene.NonNull(graphene.Int), required=True, description="Still to be sent."
    )
    access = graphene.List(
        graphene.NonNull(RoomAccess), description="For the side that uploaded it."
    )
    openings = graphene.List(
        graphene.NonNull(RoomOpening), description="For the side that uploaded it."
    )
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_chunk_bytes(root: models.RoomFile, info: graphene.ResolveInfo) -> int:
        return CHUNK_BYTES

    @staticmethod
    def resolve_chunks_missing(root: models.RoomFile, info: graphene.ResolveInfo) -> list[int]:
        if root.state != models.RoomFile.State.UPLOADING:
            return []
        there = {chunk.number for chunk in root.chunks.all()}
        return [number for number in range(chunks_of(root)) if number not in there]

    @staticmethod
    def resolve_access(root: models.RoomFile, info: graphene.ResolveInfo) -> Any:
        return root.grants.all() if sees_log(viewer(info), root) else None

    @staticmethod
    def resolve_openings(root: models.RoomFile, info: graphene.ResolveInfo) -> Any:
        return root.openings.all() if sees_log(viewer(info), root) else None
