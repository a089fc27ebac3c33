from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from marketplace.core import outbox
from marketplace.core.models import OutboxMessage


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    handlers = {"greet": [lambda m: found.append(m.subject)], "fail": [fail]}
    monkeypatch.setattr(outbox, "HANDLERS", handlers)
    monkeypatch.setattr(outbox, "TOGETHER", {})
    return found


def fail(message: OutboxMessage) -> None:
    raise RuntimeError("not today")


def write(topic: str, subject: str) -> None:
    with transaction.atomic():
        outbox.publish(topic, subject)


@pytest.mark.django_db
def test_a_message_is_handled_once(seen: list[str]) -> None:
    write("greet", "li")
    assert outbox.drain() == 1
    assert outbox.drain() == 0
    assert seen == ["li"]


@pytest.mark.django_db(transaction=True)
def test_nothing_leaves_without_its_cause(seen: list[str]) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.publish("greet", "li")
        raise ZeroDivisionError
    with pytest.raises(RuntimeError):
        outbox.publish("greet", "li")
    outbox.drain()
    assert seen == []


@pytest.mark.django_db
def test_a_failure_waits_longer_each_time_and_is_parked_in_the_end(seen: list[str]) -> None:
    write("fail", "li")
    waits = []
    for _ in range(outbox.PARK_AFTER):
        message = OutboxMessage.objects.get()
        assert message.parked_at is None
        assert outbox.claim(message.due_at) == [message]
        message.refresh_from_db()
        before = timezone.now()
        outbox.handle(message)
        message.refresh_from_db()
        waits.append(round((message.due_at - before).total_seconds()))
    assert waits == sorted(waits)
    assert message.parked_at is not None
    assert message.error == "RuntimeError: not today"
    assert outbox.claim(timezone.now() + timedelta(days=365)) == []


@pytest.mark.django_db
def test_what_a_dead_worker_leased_is_done_by_another(seen: list[str]) -> None:
    write("greet", "li")
    now = timezone.now()
    assert len(outbox.claim(now)) == 1
    assert outbox.claim(now) == []
    assert len(outbox.claim(now + outbox.LEASE + timedelta(seconds=1))) == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_handle_each_message_once(seen: list[str]) -> None:
    for number in range(200):
        write("greet", str(number))

    def work() -> None:
        outbox.drain()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(seen, key=int) == [str(number) for number in range(200)]


@pytest.mark.django_db
def test_many_of_a_topic_are_taken_together_before_each_alone(
    seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def take(messages: Sequence[OutboxMessage]) -> None:
        seen.append("+".join(sorted(message.subject for message in messages)))
        if "sour" in seen[-1]:
            raise RuntimeError("not this one")

    monkeypatch.setattr(outbox, "TOGETHER", {"greet": take})
    for subject in ("li", "wang"):
        write("greet", subject)
    outbox.drain()
    assert seen == ["li+wang", "li", "wang"]
    seen.clear()
    write("greet", "li")
    outbox.drain()
    assert seen == ["li", "li"]
    seen.clear()
    for subject in ("li", "sour", "wang"):
        write("greet", subject)
    outbox.drain()
    assert seen == ["li+sour+wang", "li", "li", "sour", "wang", "wang"]
    waiting = OutboxMessage.objects.filter(done_at=None)
    assert [(one.subject, one.error) for one in waiting] == [("sour", "RuntimeError: not this one")]


@pytest.mark.django_db
def test_more_of_what_is_handled_together_comes_along(
    seen: list[str],
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    def take(messages: Sequence[OutboxMessage]) -> None:
        seen.append("+".join(message.subject for message in messages))

    monkeypatch.setattr(outbox, "TOGETHER", {"index": take})
    for topic, subject in (
        ("index", "1"), ("greet", "li"), ("index", "2"), ("greet", "wang"), ("index", "3"),
    ):  # fmt: skip
        write(topic, subject)
    messages = outbox.claim(timezone.now(), 2)
    assert [one.subject for one in messages] == ["1", "li", "2", "3"]
    with django_assert_num_queries(2):  # one for the greeting, and one for all of the others
        outbox.handle_all(messages)
    assert seen == ["li", "1+2+3"]  # who may take long comes last
    assert outbox.drain() == 1
    assert not OutboxMessage.objects.filter(done_at=None).exists()


@pytest.mark.django_db
def test_what_takes_too_long_each_alone_is_given_back(
    seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "TOGETHER", {"index": lambda messages: fail(messages[0])})
    for subject in ("1", "2", "3"):
        write("index", subject)
    messages = outbox.claim(timezone.now())
    monkeypatch.setattr(outbox, "LEASE", timedelta(0))
    outbox.handle_all(messages)
    rows = OutboxMessage.objects.order_by("pk").values_list("error", "attempts", "leased_until")
    assert list(rows) == [("RuntimeError: not today", 1, None), ("", 0, None), ("", 0, None)]
    assert [one.subject for one in outbox.claim(timezone.now())] == ["2", "3"]


@pytest.mark.django_db
def test_nothing_waits_behind_ten_thousand_letters_nor_they_for_ever(
    seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "AFTER_OTHERS", set())
    outbox.handles("letter", after_others=True)(lambda message: seen.append(message.subject))
    for n in range(12):
        write("letter", f"letter {n}")
    write("greet", "li")
    first = [one.subject for one in outbox.claim(timezone.now(), 10)]
    assert first == ["li", *(f"letter {n}" for n in range(9))]
    for n in range(20):
        write("greet", f"wang {n}")
    next_ones = [one.subject for one in outbox.claim(timezone.now(), 10)]
    assert next_ones == [*(f"wang {n}" for n in range(9)), "letter 9"]
    outbox.drain()
    assert seen == [*(f"wang {n}" for n in range(9, 20)), "letter 10", "letter 11"]


@pytest.mark.django_db
def test_letters_that_take_long_give_way_to_what_came_meanwhile(
    seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "AFTER_OTHERS", set())
    monkeypatch.setattr(outbox, "PATIENCE", 0.0)

    def tell(message: OutboxMessage) -> None:
        if not seen:
            write("greet", "li")
        seen.append(message.subject)

    outbox.handles("letter", after_others=True)(tell)
    for n in range(3):
        write("letter", f"letter {n}")
    outbox.drain()
    assert seen == ["letter 0", "li", "letter 1", "letter 2"]
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}
