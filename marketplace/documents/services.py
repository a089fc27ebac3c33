"""Drafting and signing. Who may bind an organisation is decided here, once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from string import Template as Blanks

from django.db import IntegrityError, transaction
from django.db.models import Max

from marketplace.accounts.models import Organisation, User
from marketplace.accounts.viewer import Role, Viewer
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.core.outbox import publish

from .models import Document, Signature, Template

LANGUAGES = ("en", "zh")
BINDERS = (Role.ADMIN,)  # a dealmaker may negotiate; only an admin binds the organisation

Values = Mapping[str, Mapping[str, str]]  # by language, then by placeholder


def latest(name: str) -> Template:
    """The version in force. NotFound where the operators have written none."""
    found = Template.objects.filter(name=name).order_by("-version").first()
    if found is None:
        raise NotFound(f"There is no template {name} yet; the operators write it.")
    return found


@transaction.atomic
def template_add(
    *,
    name: str,
    title_en: str,
    title_zh: str,
    text_en: str,
    text_zh: str,
    asks_again: bool = True,
    author: User | None = None,
) -> Template:
    """The next version. Both languages must have the same blanks, else one would bind to more."""
    blanks = [set(Blanks(text).get_identifiers()) for text in (text_en, text_zh)]
    if blanks[0] != blanks[1]:
        odd = ", ".join(sorted(blanks[0] ^ blanks[1]))
        raise Invalid(f"In one language only: {odd}.", field=("text_zh",))
    for field, text in (("text_en", text_en), ("text_zh", text_zh)):
        if not Blanks(text).is_valid():
            raise Invalid("A lone $; write a blank as $name, a dollar as $$.", field=(field,))
    last = Template.objects.filter(name=name).aggregate(last=Max("version"))["last"] or 0
    template = Template.objects.create(
        name=name,
        version=last + 1,
        title_en=title_en,
        title_zh=title_zh,
        text_en=text_en,
        text_zh=text_zh,
        asks_again=asks_again,
        author=author,
    )
    publish("template.added", template.name)
    return template


@transaction.atomic
def document_draft(
    *,
    subject: str,
    title_en: str,
    title_zh: str,
    templates: Sequence[Template],
    values: Values,
    parties: Sequence[Organisation],
) -> Document:
    """The next version of the subject's document, from the templates in their order with their
    blanks filled. Conflict where the same moment brought another version. A missing value is a
    fault of the caller: KeyError."""
    texts = {language: [] for language in LANGUAGES}  # type: dict[str, list[str]]
    for place, template in enumerate(templates, 1):
        for language in LANGUAGES:
            title = getattr(template, f"title_{language}")
            body = Blanks(getattr(template, f"text_{language}")).substitute(values[language])
            texts[language].append(f"{place}. {title}\n{body.strip()}")
    text_en, text_zh = ("\n\n".join(texts[language]) for language in LANGUAGES)
    last = Document.objects.filter(subject=subject).aggregate(last=Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            document = Document.objects.create(
                subject=subject,
                number=last + 1,
                templates=[f"{template.name}:{template.version}" for template in templates],
                title_en=title_en,
                title_zh=title_zh,
                text_en=text_en,
                text_zh=text_zh,
                sha256=digest(title_en, title_zh, text_en, text_zh),
            )
    except IntegrityError:
        raise Conflict("Somebody drew up another version at the same moment.") from None
    document.parties.set(parties)
    return document


def digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def current(subject: str) -> Document | None:
    return Document.objects.filter(subject=subject).order_by("-number").first()


def may_bind(viewer: Viewer, organisation: Organisation) -> bool:
    return viewer.has_role(organisation.pk, *BINDERS)


@transaction.atomic
def document_sign(
    *,
    viewer: Viewer,
    document: Document,
    organisation: Organisation,
    typed_name: str,
    sha256: str,
    address: str,
    now: datetime,
) -> Signature:
    """Sign for the organisation. `sha256` says which text the signer read.

    Forbidden unless the viewer may bind the organisation and it is a party; Conflict where the
    document is superseded, the text another, or the organisation has signed."""
    user = viewer.require_user()
    if not document.parties.filter(pk=organisation.pk).exists():
        raise Forbidden(f"{organisation.name} is no party to it.")
    if not may_bind(viewer, organisation):
        raise Forbidden(f"Only an admin of {organisation.name} may sign for it.")
    name = " ".join(typed_name.split())
    if not 2 <= len(name) <= 120:
        raise Invalid("Type your full name, such as Chan Tai Man.", field=("typed_name",))
    newest = current(document.subject)
    if newest is None or newest.pk != document.pk:
        raise Conflict("A later version has superseded it; read and sign that one.")
    if sha256.lower() != document.sha256:
        raise Conflict(
            f"What you read is not this text, whose SHA-256 is {document.sha256}.",
            field=("sha256",),
        )
    try:
        with transaction.atomic():
            return Signature.objects.create(
                document=document,
                organisation=organisation,
                user=user,
                typed_name=name,
                signed_at=now,
                address=address,
                sha256=document.sha256,
            )
    except IntegrityError:
        raise Conflict(f"{organisation.name} has signed it.") from None


def unsigned_by(document: Document) -> list[Organisation]:
    """The parties whose signature is still wanted; none: it binds."""
    signed = document.signatures.values("organisation")
    return list(document.parties.exclude(pk__in=signed).order_by("name", "pk"))
