"""Registration numbers of organisations, checked where the standard has a check digit.

Mainland: the unified social credit code, GB 32100-2015: 18 signs, the last a weighted sum modulo
31. Hong Kong: the business registration number, eight digits, on certificates followed by the
branch and the period of validity; no published check digit, so only its form is checked.
"""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as StdnumError

from marketplace.core.errors import Invalid

HONG_KONG = re.compile(r"(\d{8})(-?\d{3}(-\d{2}-\d{2}-[\dA-Z])?)?")
FREE = re.compile(r"[0-9A-Z][0-9A-Z ./-]{2,38}")


def validate_registration(
    jurisdiction: str, number: str, *, field: tuple[str, ...] = ("registration_number",)
) -> str:
    """The number in its normal form; Invalid shows the right one."""
    given = re.sub(r"\s+", "", unicodedata.normalize("NFKC", number).upper())
    if jurisdiction == "CN":
        try:
            return str(uscc.validate(given))
        except InvalidChecksum:
            raise Invalid(
                f"The check sign of {given} would be {uscc.calc_check_digit(given[:17])}.",
                field=field,
            ) from None
        except StdnumError:
            raise Invalid(
                "A unified social credit code has 18 signs, such as 91110000600037341L.",
                field=field,
            ) from None
    if jurisdiction == "HK":
        match = HONG_KONG.fullmatch(given)
        if match is None:
            raise Invalid(
                "A Hong Kong business registration number has 8 digits, such as 12345678.",
                field=field,
            )
        return match[1]
    free = unicodedata.normalize("NFKC", number).strip().upper()
    if not FREE.fullmatch(free):
        raise Invalid("3 to 39 letters and digits are wanted, such as HRB 12345.", field=field)
    return free
