from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from api.auth import access_token, viewer
from api.ids import parse_id
from api.mutation import Mutation
from api.scalars import EvidenceKind, Language, OrganisationKind, Role
from marketplace.accounts import services, sessions

from .types import Membership, Organisation, User


class UserRegister(Mutation):
    """Make an account. Passwords have ten characters or more."""

    user = graphene.Field(User)

    class Arguments:
        email = graphene.String(required=True)
        password = graphene.String(required=True)
        name = graphene.String()
        language = Language()
        time_zone = graphene.String(description="Such as Asia/Hong_Kong.")

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, **given: Any) -> UserRegister:
        return cls(user=services.user_register(**given))


class Tokens(Mutation):
    class Meta:
        abstract = True

    access_token = graphene.String(description="For ten minutes, as Authorization: Bearer.")
    refresh_token = graphene.String(description="Good for one use, within fourteen days.")
    user = graphene.Field(User)


class SessionOpen(Tokens):
    """Log in."""

    class Arguments:
        email = graphene.String(required=True)
        password = graphene.String(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, **given: Any) -> SessionOpen:
        user, token = sessions.session_open(now=timezone.now(), **given)
        return cls(access_token=access_token(user), refresh_token=token, user=user)


class SessionRefresh(Tokens):
    """New tokens for a refresh token, which is used up. One that comes twice ends the log-in."""

    atomic = False  # what a stolen token brings about stays, though the request is refused

    class Arguments:
        refresh_token = graphene.String(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, refresh_token: str) -> SessionRefresh:
        user, token = sessions.session_refresh(refresh_token=refresh_token, now=timezone.now())
        return cls(access_token=access_token(user), refresh_token=token, user=user)


class SessionClose(Mutation):
    """Log out: no refresh token of this log-in works any more."""

    class Arguments:
        refresh_token = graphene.String(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, refresh_token: str) -> SessionClose:
        sessions.session_close(refresh_token=refresh_token, now=timezone.now())
        return cls()


class OrganisationFields:
    name = graphene.String()
    name_zh = graphene.String()
    city = graphene.String()
    zone = graphene.String(description="Special zone of registration, such as Qianhai.")
    registration_number = graphene.String(
        description="Mainland: unified social credit code; Hong Kong: BR number."
    )
    hk_macao_invested = graphene.Boolean()
    website = graphene.String()


class OrganisationCreateInput(OrganisationFields, graphene.InputObjectType):
    name = graphene.String(required=True)
    kinds = graphene.List(graphene.NonNull(OrganisationKind), required=True)
    jurisdiction = graphene.String(required=True, description="WIPO ST.3, such as HK or CN.")


class OrganisationUpdateInput(OrganisationFields, graphene.InputObjectType):
    """What is not given stays."""


class OrganisationCreate(Mutation):
    """Add an organisation; you become its first admin and dealmaker."""

    organisation = graphene.Field(Organisation)

    class Arguments:
        input = OrganisationCreateInput(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, input: dict[str, Any]) -> OrganisationCreate:
        created = services.organisation_create(viewer=viewer(info), **given(input))
        del info.context.viewer  # the viewer is a member now
        return cls(organisation=created)


class OrganisationUpdate(Mutation):
    """Change an organisation. What it was verified for, if changed, has to be verified again."""

    organisation = graphene.Field(Organisation)

    class Arguments:
        id = graphene.ID(required=True)
        revision = graphene.Int(required=True, description="The revision that you read.")
        input = OrganisationUpdateInput(required=True)

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, revision: int, input: dict[str, Any]
    ) -> OrganisationUpdate:
        return cls(
            organisation=services.organisation_update(
                viewer=viewer(info),
                organisation_id=parse_id(id, "Organisation"),
                revision=revision,
                **given(input),
            )
        )


def given(input: dict[str, Any]) -> dict[str, Any]:
    """What was said; a null is as good as nothing said, except where null has a meaning."""
    return {k: v for k, v in input.items() if v is not None or k == "hk_macao_invested"}


class MemberSet(Mutation):
    """Give a registered user roles in your organisation; no roles take the user out."""

    membership = graphene.Field(Membership)

    class Arguments:
        organisation = graphene.ID(required=True)
        email = graphene.String(required=True)
        roles = graphene.List(graphene.NonNull(Role), required=True)

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, organisation: str, email: str, roles: list[str]
    ) -> MemberSet:
        return cls(
            membership=services.member_set(
                viewer=viewer(info),
                organisation_id=parse_id(organisation, "Organisation", field=("organisation",)),
                email=email,
                roles=roles,
            )
        )


class VerificationSubmit(Mutation):
    """Hand in evidence, and ask the operators to verify your organisation."""

    organisation = graphene.Field(Organisation)

    class Arguments:
        organisation = graphene.ID(required=True)
        kind = EvidenceKind(required=True)
        reference = graphene.String(required=True, description="Number of the document.")
        note = graphene.String()

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, organisation: str, **evidence: Any
    ) -> VerificationSubmit:
        pk = parse_id(organisation, "Organisation", field=("organisation",))
        return cls(
            organisation=services.verification_submit(
                viewer=viewer(info), organisation_id=pk, **evidence
            )
        )


class VerificationDecide(Mutation):
    """An operator's decision on an organisation: a move of its `availableActions`."""

    organisation = graphene.Field(Organisation)

    class Arguments:
        organisation = graphene.ID(required=True)
        move = graphene.String(required=True, description="verify, reject or revoke")
        valid_until = graphene.Date(description="To verify: the last day it holds.")
        note = graphene.String(description="To reject or revoke: why.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, organisation: str, **decision: Any
    ) -> VerificationDecide:
        pk = parse_id(organisation, "Organisation", field=("organisation",))
        return cls(
            organisation=services.verification_decide(
                viewer=viewer(info), organisation_id=pk, now=timezone.now(), **decision
            )
        )


class AccountMutations(graphene.ObjectType):
    user_register = UserRegister.Field(required=True)
    session_open = SessionOpen.Field(required=True)
    session_refresh = SessionRefresh.Field(required=True)
    session_close = SessionClose.Field(required=True)
    organisation_create = OrganisationCreate.Field(required=True)
    organisation_update = OrganisationUpdate.Field(required=True)
    member_set = MemberSet.Field(required=True)
    verification_submit = VerificationSubmit.Field(required=True)
    verification_decide = VerificationDecide.Field(required=True)
