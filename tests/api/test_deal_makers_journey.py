"""From an account to a published listing and an open need, by the documents clients use."""

from __future__ import annotations

from tests.conftest import Api
from tests.factories import ADVANTAGE, PASSWORD, make_operator

LISTING = {
    "originalLanguage": "ZH_HANT",
    "kind": "KNOW_HOW",
    "texts": [
        {
            "language": "ZH_HANT",
            "title": "納米塗層",
            "summary": "防水而透氣的納米塗層",
            "description": "以溶膠凝膠法製備。",
            "problem": "織物塗層不透氣。",
        }
    ],
    "advantages": [ADVANTAGE],
    "trl": 6,
    "iprStatus": "SECRET_KNOWHOW",
    "fieldsOfUse": ["textiles"],
    "industry": "C17",
    "ipc": ["D06M11/00"],
    "exclusivity": ["NON_EXCLUSIVE"],
    "territories": ["CN"],
    "periodMonths": 36,
    "priceModel": "LUMP_SUM",
    "price": {"amount": 50000000, "currency": "HKD"},
}


def register(api: Api, email: str) -> Api:
    assert api.run("user_register", email=email, password=PASSWORD)["userRegister"]["errors"] == []
    opened = api.run("session_open", email=email, password=PASSWORD)["sessionOpen"]
    client = Api()
    client.headers = {"Authorization": f"Bearer {opened['accessToken']}"}
    return client


def test_from_account_to_published_listing(api: Api) -> None:
    li = register(api, "li@example.com")
    operator = api.as_(make_operator())
    made = li.run(
        "organisation_create",
        input={
            "name": "Nano Textiles Ltd",
            "kinds": ["LICENSOR"],
            "jurisdiction": "hk",
            "registrationNumber": "1234 5678",
        },
    )["organisationCreate"]
    assert made["errors"] == []
    assert made["organisation"]["registrationNumber"] == "12345678"
    owner = made["organisation"]["id"]

    draft = li.run("listing_create", input={"owner": owner, **LISTING})["listingCreate"]
    assert draft["errors"] == []
    assert draft["listing"]["availableActions"] == ["submit"]
    listing = draft["listing"]["id"]
    assert api.run("listing", id=listing) == {"listing": None}

    assert li.run("listing_move", id=listing, move="submit")["listingMove"]["errors"] == []
    for move in ("start_review", "publish"):
        moved = operator.run("listing_move", id=listing, move=move)["listingMove"]
    assert moved["errors"] == [
        {"code": "CONFLICT", "message": "Nano Textiles Ltd is not verified.", "field": ["id"]}
    ]

    asked = li.run(
        "verification_submit", organisation=owner, kind="BUSINESS_REGISTRATION", reference="BR 1"
    )["verificationSubmit"]
    assert asked["organisation"]["verification"] == "PENDING"
    decided = operator.run(
        "verification_decide", organisation=owner, move="verify", validUntil="2099-12-31"
    )["verificationDecide"]
    assert decided["organisation"]["verification"] == "VERIFIED"
    moved = operator.run("listing_move", id=listing, move="publish")["listingMove"]
    assert moved["listing"]["state"] == "PUBLISHED"

    seen = api.run("listing", id=listing, language="ZH_HANS")["listing"]
    assert seen["text"]["title"] == "纳米涂层"
    assert seen["text"]["status"] == "MACHINE_CONVERTED"
    assert seen["owner"]["name"] == "Nano Textiles Ltd"
    assert seen["price"] == {"amount": 50000000, "currency": "HKD"}
    assert seen["revision"] is None
    assert seen["history"] is None
    assert api.run("node", id=listing)["node"]["__typename"] == "Listing"


def test_from_account_to_open_need(api: Api) -> None:
    wang = register(api, "wang@example.com")
    buyer = wang.run(
        "organisation_create",
        input={
            "name": "深圳电池有限公司",
            "kinds": ["BUYER"],
            "jurisdiction": "CN",
            "registrationNumber": "91110000600037341L",
        },
    )["organisationCreate"]
    assert buyer["errors"] == []
    need = wang.run(
        "need_create",
        input={
            "organisation": buyer["organisation"]["id"],
            "language": "ZH_HANS",
            "title": "寻找固态电解质",
            "trlMin": 5,
            "trlMax": 9,
            "mustHaves": ["TRL"],
            "budget": {"amount": 100000000, "currency": "CNY"},
        },
    )["needCreate"]
    assert need["errors"] == []
    opened = wang.run("need_move", id=need["need"]["id"], move="open")["needMove"]
    assert opened["need"]["state"] == "OPEN"
    seen = api.run("need", id=need["need"]["id"])["need"]
    assert (seen["title"], seen["budget"], seen["revision"]) == ("寻找固态电解质", None, None)
