from __future__ import annotations

from datetime import datetime
from typing import Any

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.mutation import Mutation
from api.scalars import DataClass
from marketplace.core.links import LIFETIME
from marketplace.rooms import services
from marketplace.rooms.links import file_link

from .types import RoomFile


class RoomFileBegin(Mutation):
    """Announce a file; then send its chunks by roomChunkPut, and roomFileComplete it."""

    file = graphene.Field(RoomFile)

    class Arguments:
        deal = graphene.ID(required=True)
        folder = graphene.String(description="Such as tests/2026.")
        name = graphene.String(required=True, description="With its ending, such as data.pdf.")
        size = graphene.BigInt(required=True, description="In bytes.")
        sha256 = graphene.String(required=True, description="Of the whole, in hexadecimal.")
        classification = DataClass(required=True)
        persons = graphene.Int(description="Of how many persons a year it holds data.")
        under_gba_contract = graphene.Boolean(
            default_value=False, description="It was received under one."
        )

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, deal: str, folder: str | None = None, **given: Any
    ) -> RoomFileBegin:
        return cls(
            file=services.file_begin(
                viewer=viewer(info),
                deal_id=parse_id(deal, "Deal", field=("deal",)),
                folder=folder or "",
                now=timezone.now(),
                **given,
            )
        )


class RoomChunkPut(Mutation):
    """Send one chunk. Sent again, it is the same; in any order, so that an upload can go on."""

    atomic = False  # the storage may be far away
    file = graphene.Field(RoomFile)

    class Arguments:
        id = graphene.ID(required=True, description="Of the file.")
        number = graphene.Int(required=True, description="From 0.")
        content = graphene.String(required=True, description="In base64.")
        sha256 = graphene.String(description="Of the chunk; given, it is checked at once.")

    @classmethod
    def perform(
        cls,
        info: graphene.ResolveInfo,
        id: str,
        number: int,
        content: str,
        sha256: str | None = None,
    ) -> RoomChunkPut:
        chunk = services.chunk_put(
            viewer=viewer(info),
            file_id=parse_id(id, "RoomFile"),
            number=number,
            content=content,
            sha256=sha256,
            now=timezone.now(),
        )
        return cls(file=chunk.file)


class RoomFileComplete(Mutation):
    """All chunks are there: have the file put together, checked and scanned."""

    file = graphene.Field(RoomFile)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> RoomFileComplete:
        return cls(
            file=services.file_complete(
                viewer=viewer(info), file_id=parse_id(id, "RoomFile"), now=timezone.now()
            )
        )


class RoomFileRemove(Mutation):
    """Have nobody open the file any more."""

    file = graphene.Field(RoomFile)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> RoomFileRemove:
        return cls(
            file=services.file_remove(
                viewer=viewer(info), file_id=parse_id(id, "RoomFile"), now=timezone.now()
            )
        )


class RoomAccessGrant(Mutation):
    """Let the other party read a file until a time."""

    file = graphene.Field(RoomFile)

    class Arguments:
        id = graphene.ID(required=True)
        organisation = graphene.ID(required=True)
        expires_at = graphene.DateTime(required=True)

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, organisation: str, expires_at: datetime
    ) -> RoomAccessGrant:
        grant = services.access_grant(
            viewer=viewer(info),
            file_id=parse_id(id, "RoomFile"),
            organisation_id=parse_id(organisation, "Organisation", field=("organisation",)),
            expires_at=services.aware(expires_at),
            now=timezone.now(),
        )
        return cls(file=grant.file)


class RoomAccessRevoke(Mutation):
    """End an access at once, also by links given out."""

    file = graphene.Field(RoomFile)

    class Arguments:
        id = graphene.ID(required=True)
        organisation = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, organisation: str) -> RoomAccessRevoke:
        return cls(
            file=services.access_revoke(
                viewer=viewer(info),
                file_id=parse_id(id, "RoomFile"),
                organisation_id=parse_id(organisation, "Organisation", field=("organisation",)),
                now=timezone.now(),
            )
        )


class RoomFileOpen(Mutation):
    """Get a link to open a file by; it is for you alone, and each opening is written down."""

    link = graphene.String(description=f"A path, good for {LIFETIME} seconds.")

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> RoomFileOpen:
        return cls(
            link=file_link(
                viewer=viewer(info), file_id=parse_id(id, "RoomFile"), now=timezone.now()
            )
        )


class RoomMutations(graphene.ObjectType):
    room_file_begin = RoomFileBegin.Field(required=True)
    room_chunk_put = RoomChunkPut.Field(required=True)
    room_file_complete = RoomFileComplete.Field(required=True)
    room_file_remove = RoomFileRemove.Field(required=True)
    room_access_grant = RoomAccessGrant.Field(required=True)
    room_access_revoke = RoomAccessRevoke.Field(required=True)
    room_file_open = RoomFileOpen.Field(required=True)
