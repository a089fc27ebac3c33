"""
What can go wrong, as the domain sees it.

* DomainError
  - NotFound    there is no such thing, or you may not know that there is
  - Forbidden   it exists, you can see it, but you may not do this
  - Invalid     what you sent cannot be right
  - Conflict    it could have been right, but the world has moved on
* Faults        several of them at once
"""

from __future__ import annotations

from collections.abc import Iterable


class DomainError(Exception):
    code = "DOMAIN_ERROR"

    def __init__(self, message: str, *, field: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFound(DomainError):
    code = "NOT_FOUND"


class Forbidden(DomainError):
    code = "FORBIDDEN"


class Invalid(DomainError):
    code = "INVALID"


class Conflict(DomainError):
    code = "CONFLICT"


class Faults(Exception):
    """Everything that is wrong with one request, so that a caller mends it in one go."""

    def __init__(self, errors: Iterable[DomainError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(error.message for error in self.errors))


def refuse(errors: Iterable[DomainError]) -> None:
    """Raise all of `errors` together; nothing where there are none."""
    found = tuple(errors)
    if found:
        raise Faults(found)
