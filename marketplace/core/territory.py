"""Countries and offices by the two letters of WIPO ST.3, a superset of ISO 3166.

Mainland China (CN), Hong Kong (HK), Macao (MO) and Taiwan (TW) are four territories: a right in one
is no right in another.
"""

from __future__ import annotations

from .errors import Invalid

TERRITORIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AR AT AU AW AZ BA BB BD BE BF BG BH BI BJ BM BN BO BQ BR BS BT BW
    BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO DZ EC EE EG ER ES
    ET FI FJ FK FM FO FR GA GB GD GE GG GH GI GL GM GN GQ GR GT GW GY HK HN HR HT HU ID IE IL
    IM IN IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU
    LV LY MA MC MD ME MG MK ML MM MN MO MR MS MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ
    OM PA PE PG PH PK PL PT PW PY QA RO RS RU RW SA SB SC SD SE SG SH SI SK SL SM SN SO SR SS
    ST SV SX SY SZ TC TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VN VU
    WS YE ZA ZM ZW
    """.split()  # noqa: SIM905 - a list of this length is read as text
)
REGIONAL_OFFICES = frozenset({"AP", "EA", "EM", "EP", "GC", "IB", "OA", "WO", "XN"})
OFFICES = TERRITORIES | REGIONAL_OFFICES


def territory(code: str, *, field: tuple[str, ...] = ("territory",)) -> str:
    """The code in capitals; Invalid where ST.3 has no such territory."""
    found = code.strip().upper()
    if found not in TERRITORIES:
        raise Invalid(
            f"{code[:20]!r} is no territory of WIPO ST.3; write two letters such as CN or HK.",
            field=field,
        )
    return found
