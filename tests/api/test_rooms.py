"""A file uploaded by chunks, granted, opened and revoked, by the documents clients use."""

from __future__ import annotations

import base64
import hashlib

import pytest
from django.test import Client

from marketplace.core.outbox import drain
from tests.conftest import Api, gid
from tests.factories import grant_file, make_deal, make_file, make_nda, make_parties

pytestmark = pytest.mark.django_db


def test_a_file_from_upload_to_revocation(api: Api) -> None:
    parties = make_parties()
    row = make_deal(parties)
    make_nda(parties, row)
    deal, reader = gid("Deal", row.pk), gid("Organisation", parties.buyer_id)
    licensor, buyer = api.as_(parties.licensor), api.as_(parties.buyer)
    content = "烧结温度".encode() * 100_000
    begun = licensor.run(
        "room_file_begin",
        deal=deal,
        folder="tests",
        name="recipe.txt",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        classification="PERSONAL",
        persons=12,
        underGbaContract=False,
    )["roomFileBegin"]
    assert begun["errors"] == []
    file, step = begun["file"]["id"], begun["file"]["chunkBytes"]
    assert begun["file"]["chunksMissing"] == [0, 1]
    for number in (1, 0):
        piece = base64.b64encode(content[number * step :][:step]).decode()
        put = licensor.run("room_chunk_put", id=file, number=number, content=piece)["roomChunkPut"]
        assert put["errors"] == []
    assert put["file"]["chunksMissing"] == []
    done = licensor.run("room_file_complete", id=file)["roomFileComplete"]
    assert done["file"]["state"] == "CHECKING"
    drain()

    assert buyer.run("room_files", deal=deal)["roomFiles"]["edges"] == []
    naive = licensor.run(
        "room_access_grant", id=file, organisation=reader, expiresAt="2099-01-01T00:00:00"
    )["roomAccessGrant"]
    assert naive["errors"][0]["field"] == ["expiresAt"]
    granted = licensor.run(
        "room_access_grant", id=file, organisation=reader, expiresAt="2099-01-01T00:00:00+08:00"
    )["roomAccessGrant"]
    assert granted["errors"] == []
    (edge,) = buyer.run("room_files", deal=deal)["roomFiles"]["edges"]
    seen = edge["node"]
    assert (seen["classification"], seen["persons"], seen["underGbaContract"]) == (
        "PERSONAL",
        12,
        False,
    )
    assert (seen["state"], seen["mediaType"], seen["access"], seen["openings"]) == (
        "READY",
        "text/plain",
        None,
        None,
    )
    link = buyer.run("room_file_open", id=file)["roomFileOpen"]["link"]
    assert Client().get(link).getvalue() == content
    (edge,) = licensor.run("room_files", deal=deal)["roomFiles"]["edges"]
    assert [one["organisation"]["name"] for one in edge["node"]["openings"]] == [row.buyer.name]

    revoked = licensor.run("room_access_revoke", id=file, organisation=reader)["roomAccessRevoke"]
    assert [one["inForce"] for one in revoked["file"]["access"]] == [False]
    assert Client().get(link).status_code == 404
    refused = buyer.run("room_file_open", id=file)["roomFileOpen"]
    assert [error["code"] for error in refused["errors"]] == ["NOT_FOUND"]
    removed = licensor.run("room_file_remove", id=file)["roomFileRemove"]
    assert removed["file"]["state"] == "REMOVED"


@pytest.mark.parametrize("content", ["not base64!", "", "AA==\n", "é"])
def test_bad_chunks_are_told(api: Api, content: str) -> None:
    parties = make_parties()
    licensor = api.as_(parties.licensor)
    begun = licensor.run(
        "room_file_begin",
        deal=gid("Deal", make_deal(parties).pk),
        name="a.txt",
        size=1,
        sha256="0" * 64,
        classification="UNKNOWN",
    )["roomFileBegin"]
    put = licensor.run("room_chunk_put", id=begun["file"]["id"], number=0, content=content)
    assert [error["field"] for error in put["roomChunkPut"]["errors"]] == [["content"]]


@pytest.mark.parametrize("files", [1, 6])
def test_a_page_of_files_costs_the_same(api: Api, django_assert_num_queries, files: int) -> None:
    parties = make_parties()
    row = make_deal(parties)
    make_nda(parties, row)
    for number in range(files):
        grant_file(parties, make_file(parties, row, name=f"{number}.txt"))
    client = api.as_(parties.licensor)
    # user, memberships, deal, mandates, version of the NDA and NDAs, page, count, chunks, owners,
    # grants, readers, openings
    with django_assert_num_queries(13):
        seen = client.run("room_files", deal=gid("Deal", row.pk))["roomFiles"]
    assert len(seen["edges"]) == seen["totalCount"] == files
