"""Who is asking. The only module that knows django-graphql-jwt.

Access tokens are short-lived JWTs in `Authorization: Bearer`; the session cookie of the admin
counts for nothing here, so a foreign page cannot act for whoever is logged in there.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from graphene import ResolveInfo
from graphql_jwt.exceptions import JSONWebTokenError
from graphql_jwt.shortcuts import get_token, get_user_by_token

from marketplace.accounts.models import User
from marketplace.accounts.viewer import ANONYMOUS, Viewer, viewer_of
from marketplace.core.errors import DomainError


class Unauthenticated(DomainError):
    """A token was sent, and it is not good."""

    code = "UNAUTHENTICATED"


def access_token(user: User) -> str:
    return str(get_token(user))


def viewer(info: ResolveInfo) -> Viewer:
    """The viewer behind the request; looked up once a request, and only if somebody asks."""
    request: Any = info.context
    if not hasattr(request, "viewer"):
        request.viewer = authenticate(request)
    found: Viewer = request.viewer
    return found


def language_of(info: ResolveInfo, language: str | None) -> str:
    """That asked for, else the reader's."""
    user = viewer(info).user
    return language or (user.language if user else "en")


def authenticate(request: HttpRequest) -> Viewer:
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if not header:
        return ANONYMOUS
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send the access token as Authorization: Bearer TOKEN.")
    try:
        user = get_user_by_token(token.strip(), request)
    except JSONWebTokenError:
        user = None
    if user is None:
        raise Unauthenticated("The access token is not valid any more; refresh it or log in.")
    return viewer_of(user)
