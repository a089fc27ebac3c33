"""Users, organisations, members and verification: everything that changes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F

from marketplace.core.calendar import day_of
from marketplace.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, refuse
from marketplace.core.language import Language
from marketplace.core.outbox import publish
from marketplace.core.territory import territory

from .models import Membership, Organisation, User, VerificationEvidence, validate_time_zone
from .policies import actors
from .registration import validate_registration
from .selectors import organisation_for
from .viewer import Role, Viewer
from .workflow import VERIFICATION


@transaction.atomic
def user_register(
    *,
    email: str,
    password: str,
    name: str = "",
    language: str = Language.EN,
    time_zone: str = "Asia/Hong_Kong",
) -> User:
    faults: list[DomainError] = []
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        faults.append(
            Invalid("Not an e-mail address; write one such as li@example.com.", field=("email",))
        )
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        faults += [Invalid(message, field=("password",)) for message in error.messages]
    try:
        validate_time_zone(time_zone)
    except ValidationError as error:
        faults += [Invalid(message, field=("time_zone",)) for message in error.messages]
    refuse(faults)
    if User.objects.filter(email=email).exists():
        raise Conflict("There is a user with this e-mail address.", field=("email",))
    try:
        with transaction.atomic():
            return User.objects.create_user(
                email, password, name=name.strip(), language=language, time_zone=time_zone
            )
    except IntegrityError:  # the same address at the same moment
        raise Conflict("There is a user with this e-mail address.", field=("email",)) from None


@transaction.atomic
def organisation_create(
    *,
    viewer: Viewer,
    name: str,
    kinds: Sequence[str],
    jurisdiction: str,
    name_zh: str = "",
    city: str = "",
    zone: str = "",
    registration_number: str = "",
    hk_macao_invested: bool | None = None,
    website: str = "",
) -> Organisation:
    """A new organisation, whose first admin and dealmaker is the viewer. Only operators make
    organisations of the kind operator."""
    user = viewer.require_user()
    if Organisation.Kind.OPERATOR in kinds and not viewer.is_operator:
        raise Forbidden("Only an operator adds an organisation of operators.", field=("kinds",))
    organisation = Organisation(
        kinds=sorted(set(kinds)),
        jurisdiction=territory(jurisdiction, field=("jurisdiction",)),
        name=name.strip(),
        name_zh=name_zh.strip(),
        city=city.strip(),
        zone=zone.strip(),
        registration_number=registration_number.strip(),
        hk_macao_invested=hk_macao_invested,
        website=website.strip(),
    )
    save_organisation(organisation)
    Membership.objects.create(
        user=user, organisation=organisation, roles=[Role.ADMIN, Role.DEALMAKER]
    )
    return organisation


@transaction.atomic
def organisation_update(
    *, viewer: Viewer, organisation_id: UUID, revision: int, **changes: object
) -> Organisation:
    """Change what the admin may: name, name_zh, city, zone, website, hk_macao_invested and the
    registration number. A new number or city has to be verified again."""
    organisation = organisation_for(viewer, organisation_id, Role.ADMIN, lock=True)
    if organisation.revision != revision:
        raise Conflict(
            f"Somebody changed it meanwhile: it is at revision {organisation.revision}.",
            field=("revision",),
        )
    verified_by = ("name", "registration_number", "city", "zone", "hk_macao_invested")
    if any(
        name in changes and changes[name] != getattr(organisation, name) for name in verified_by
    ):
        organisation.verification = Organisation.Verification.UNVERIFIED
        organisation.verified_until = None
    for name, value in changes.items():
        setattr(organisation, name, value.strip() if isinstance(value, str) else value)
    organisation.revision += 1
    save_organisation(organisation)
    publish("organisation.changed", organisation.pk)
    return organisation


def save_organisation(organisation: Organisation) -> None:
    """Check and save; Faults name every field that is wrong, Conflict a number already known."""
    faults: list[DomainError] = []
    if not organisation.name:
        faults.append(Invalid("An organisation needs its name.", field=("name",)))
    if not organisation.kinds:
        faults.append(
            Invalid("Say at least one kind, such as LICENSOR or BUYER.", field=("kinds",))
        )
    if organisation.registration_number:
        try:
            organisation.registration_number = validate_registration(
                organisation.jurisdiction, organisation.registration_number
            )
        except Invalid as error:
            faults.append(error)
    try:
        organisation.clean_fields(exclude=["id", "kinds"])
    except ValidationError as error:
        faults += [
            Invalid(message, field=(name,))
            for name, messages in error.message_dict.items()
            for message in messages
            if name != "name" or organisation.name
        ]
    refuse(faults)
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError:
        raise Conflict(
            "An organisation with this registration number is here already.",
            field=("registration_number",),
        ) from None


@transaction.atomic
def verification_submit(
    *, viewer: Viewer, organisation_id: UUID, kind: str, reference: str, note: str = ""
) -> Organisation:
    """Hand in evidence and ask the operators to verify the organisation."""
    organisation = organisation_for(viewer, organisation_id, lock=True)
    organisation.verification = VERIFICATION.move(
        organisation.verification, "submit", by=actors(viewer, organisation)
    )
    refuse(
        Invalid(message, field=(name,))
        for name, message, value in (
            ("registration_number", "Fill in the registration number first.",
             organisation.registration_number),
            ("reference", "Say the number of the document, or where it is.", reference.strip()),
        )
        if not value
    )  # fmt: skip
    organisation.verified_until = None
    organisation.save(update_fields=["verification", "verified_until", "updated_at"])
    VerificationEvidence.objects.create(
        organisation=organisation,
        kind=kind,
        reference=reference.strip()[:300],
        note=note,
        submitted_by=viewer.require_user(),
    )
    publish("organisation.changed", organisation.pk)
    return organisation


@transaction.atomic
def verification_decide(
    *,
    viewer: Viewer,
    organisation_id: UUID,
    move: str,
    now: datetime,
    valid_until: date | None = None,
    note: str = "",
) -> Organisation:
    """An operator's `verify`, `reject` or `revoke`. To verify takes the day until which it holds,
    to refuse or revoke takes a note for the organisation."""
    organisation = organisation_for(viewer, organisation_id, lock=True)
    organisation.verification = VERIFICATION.move(
        organisation.verification, move, by=actors(viewer, organisation)
    )
    if move == "verify":
        if valid_until is None or valid_until <= day_of(now):
            raise Invalid(
                "Say until which day to come this holds, such as 2027-12-31.",
                field=("valid_until",),
            )
        organisation.verified_until = valid_until
    else:
        if not note.strip():
            raise Invalid("Say why, for the organisation to read.", field=("note",))
        organisation.verified_until = None
    organisation.save(update_fields=["verification", "verified_until", "updated_at"])
    VerificationEvidence.objects.filter(organisation=organisation, decided_at=None).update(
        decided_by=viewer.require_user(), decided_at=now, decision_note=note
    )
    publish("organisation.changed", organisation.pk)
    return organisation


@transaction.atomic
def verification_lapse(*, today: date) -> int:
    """Take back what was verified until a day before `today`; the number of organisations."""
    lapsed = Organisation.objects.select_for_update().filter(
        verification=Organisation.Verification.VERIFIED, verified_until__lt=today
    )
    ids = [organisation.pk for organisation in lapsed]
    for organisation in lapsed:
        target = VERIFICATION.move(organisation.verification, "lapse", by={"system"})
        Organisation.objects.filter(pk=organisation.pk).update(
            verification=target, verified_until=None, revision=F("revision") + 1
        )
        publish("organisation.changed", organisation.pk)
    return len(ids)


@transaction.atomic
def member_set(
    *, viewer: Viewer, organisation_id: UUID, email: str, roles: Sequence[str]
) -> Membership | None:
    """Give a registered user these roles in the organisation; no roles take the user out.

    Conflict where the organisation would be left without an admin."""
    organisation = organisation_for(viewer, organisation_id, Role.ADMIN, lock=True)
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise NotFound("No user has this e-mail address; they register first.", field=("email",))
    if not roles:
        Membership.objects.filter(user=user, organisation=organisation).delete()
        membership = None
    else:
        membership, _ = Membership.objects.update_or_create(
            user=user, organisation=organisation, defaults={"roles": sorted(set(roles))}
        )
    admins = Membership.objects.filter(organisation=organisation, roles__contains=[Role.ADMIN])
    if not admins.exists():
        raise Conflict("An organisation keeps at least one admin.", field=("roles",))
    return membership
