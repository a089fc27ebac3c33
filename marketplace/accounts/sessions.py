"""Log-ins: a chain of refresh tokens, each good for one use.

A token that comes a second time has been stolen, or its thief was first: the whole family ends.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction

from marketplace.core.errors import Invalid

from .models import RefreshToken, User

REFUSED = "The refresh token is not valid; log in again."


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def issue(user: User, family: uuid.UUID, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    RefreshToken.objects.create(user=user, family=family, digest=digest(token), created_at=now)
    return token


@transaction.atomic
def session_open(*, email: str, password: str, now: datetime) -> tuple[User, str]:
    """The user and the first refresh token. Invalid tells not which of the two was wrong."""
    user = authenticate(username=email, password=password)
    if not isinstance(user, User):
        raise Invalid("E-mail address and password do not go together.", field=("password",))
    return user, issue(user, uuid.uuid4(), now)


def session_refresh(*, refresh_token: str, now: datetime) -> tuple[User, str]:
    """The user and the next refresh token; the one given is used up.

    Invalid where it is unknown, expired, revoked, or used before: then all of its family is
    revoked, and that stays even though the request is refused."""
    with transaction.atomic():
        found = (
            RefreshToken.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(digest=digest(refresh_token))
            .first()
        )
        if found is not None and found.used_at is None and found.revoked_at is None:
            if found.user.is_active and found.created_at + settings.REFRESH_TOKEN_LIFETIME > now:
                found.used_at = now
                found.save(update_fields=["used_at"])
                return found.user, issue(found.user, found.family, now)
        elif found is not None and found.used_at is not None:
            revoke(found.family, now)
    raise Invalid(REFUSED, field=("refresh_token",))


@transaction.atomic
def session_close(*, refresh_token: str, now: datetime) -> None:
    """End the log-in that the token belongs to; an unknown token ends nothing."""
    found = RefreshToken.objects.filter(digest=digest(refresh_token)).first()
    if found is not None:
        revoke(found.family, now)


def revoke(family: uuid.UUID, now: datetime) -> None:
    RefreshToken.objects.filter(family=family, revoked_at=None).update(revoked_at=now)
