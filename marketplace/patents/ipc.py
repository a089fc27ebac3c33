"""Symbols of the IPC and the CPC, in one normal form: `A`, `A61`, `A61K`, `A61K 31/00`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from marketplace.core.errors import Invalid
from marketplace.core.language import Language, to_traditional

# As printed, with or without spaces and the version of the IPC; `C02F/` stands for its subclass.
PRINTED = re.compile(
    r"([A-HY])(?:(\d{2})(?:([A-Z])(?:/|\s*0*([1-9]\d{0,3})\s*/\s*(\d{2,6}))?)?)?"
    r"(?:\s*\(\d{4}\.\d{2}\))?",
    re.ASCII,
)
MACHINE = re.compile(  # ST.8: A61K0031000000
    r"([A-HY])(\d{2})([A-Z])(?=\d*[1-9]\d{6})(\d{4})(\d{6})", re.ASCII
)
MOST = 40  # characters
RIGHT_FORM = "write a symbol such as A61K or A61K 31/00"


@dataclass(frozen=True)
class Symbol:
    text: str

    @property
    def section(self) -> str:
        return self.text[0]

    @property
    def subclass(self) -> str:
        """The subclass, or as much of it as the symbol says."""
        return self.text[:4]

    def contains(self, other: Symbol) -> bool:
        """Whether `other` is this symbol or lies below it: A61K contains A61K 31/00."""
        if "/" in self.text:
            main, _, sub = self.text.partition("/")
            whole_group = set(sub) == {"0"} and other.text.startswith(f"{main}/")
            return other.text == self.text or whole_group
        return other.text.startswith(self.text)


def parse_symbol(text: str, *, field: tuple[str, ...] = ("ipc",)) -> Symbol:
    """The symbol in its normal form; Invalid where the text is none."""
    given = unicodedata.normalize("NFKC", text[: MOST + 1]).strip().upper()
    machine = MACHINE.fullmatch(given)
    if machine:
        section, klass, subclass, group, subgroup = machine.groups()
        subgroup = subgroup.rstrip("0").ljust(2, "0")
        return Symbol(f"{section}{klass}{subclass} {int(group)}/{subgroup}")
    printed = PRINTED.fullmatch(given)
    if not printed or len(text) > MOST:
        raise Invalid(f"{text[:MOST]!a} is no IPC or CPC symbol; {RIGHT_FORM}.", field=field)
    section, klass, subclass, group, subgroup = printed.groups()
    head = "".join(part or "" for part in (section, klass, subclass))
    return Symbol(head if group is None else f"{head} {int(group)}/{subgroup}")


def symbols(values: Sequence[str], field: tuple[str, ...] = ("ipc",)) -> list[str]:
    """Normal forms without repeats, in their order; Invalid names the place of a wrong one."""
    found = [parse_symbol(one, field=(*field, str(i))).text for i, one in enumerate(values or ())]
    return list(dict.fromkeys(found))


@cache
def titles() -> dict[str, tuple[str, str]]:
    """English and Simplified titles of sections, classes and subclasses."""
    lines = Path(__file__).with_name("ipc_titles.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {code: (english, chinese) for code, english, chinese in rows}


def title_of(symbol: Symbol, language: str) -> str:
    """What the scheme calls its subclass, class or section; in the other of English and Chinese
    where it has no title in this one, and empty where it has none at all."""
    english, chinese = titles().get(symbol.subclass, ("", ""))
    if language == Language.EN:
        return english or chinese
    return (to_traditional(chinese) if language == Language.HANT else chinese) or english
