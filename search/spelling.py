"""One English word in two spellings: British, as the IPC has it, and American. What text.py makes
tokens of is folded, so that colour finds color and ionization ionisation."""

from __future__ import annotations

# American stems, with those of the IPC.
STEMS = {
    "color": "colour", "vapor": "vapour", "odor": "odour", "flavor": "flavour", "harbor": "harbour",
    "behavior": "behaviour", "neighbor": "neighbour", "labor": "labour", "armor": "armour",
    "fiber": "fibr", "center": "centr", "liter": "litr", "caliber": "calibr", "luster": "lustr",
    "aluminum": "aluminium", "sulphur": "sulfur", "tire": "tyre", "mold": "mould", "plow": "plough",
    "airplan": "aeroplan", "gray": "grey", "fuell": "fuel", "programm": "program",
    "licens": "licenc", "defens": "defenc", "artifact": "artefact",
}  # fmt: skip
BEGINNINGS = (
    ("hemo", "haemo"), ("anesth", "anaesth"), ("pediatr", "paediatr"), ("orthoped", "orthopaed"),
    ("leukem", "leukaem"), ("esophag", "oesophag"), ("estrogen", "oestrogen"), ("tumor", "tumour"),
)  # fmt: skip
SHORTEST = 5  # letters of a stem in -iz or -yz; seiz is only that


def folded(stem: str) -> str:
    """The stem as the IPC spells it."""
    if len(stem) >= SHORTEST and stem.endswith(("iz", "yz")):
        return f"{stem[:-1]}s"
    for american, british in BEGINNINGS:
        if stem.startswith(american):
            return british + stem[len(american) :]
    return STEMS.get(stem, stem)
