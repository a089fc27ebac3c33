"""A burst of new listings against very many saved searches; figures as one JSON document.

`make bench-alerts` runs it twice, on the embedded engine and beside a real Elasticsearch, each on a
PostgreSQL of its own. BENCH_SEARCHES (100000), BENCH_LISTINGS (5000, there before) and BENCH_BURST
(1000) change it. Times are in seconds. The burst is published by the real service; from then on one
worker does what the outbox holds, in its order, and each stage is timed where it stands.
"""

from __future__ import annotations

import functools
import json
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from tests.bench.__main__ import say, set_up

SEARCHES = int(os.environ.get("BENCH_SEARCHES", "100000"))
LISTINGS = int(os.environ.get("BENCH_LISTINGS", "5000"))
BURST = int(os.environ.get("BENCH_BURST", "1000"))
USERS = 1000
NEEDS = int(os.environ.get("BENCH_NEEDS", "500"))  # of the saved searches, that many are needs
LETTERS = 1000  # of those due at once, to see how long one takes
GROUPS = 50  # of synonyms
EMPTY = 300  # the commonest words, such as method: nobody saves them
ALONE = 10  # in so many texts a word may stand and be saved alone; what is commoner finds too much


class Sample:
    """Words and classes of the shipped patents and offers."""

    def __init__(self) -> None:
        from search.text import IS_HAN
        from search.text import words as words_of
        from tests.bench.listings import sample

        self.patents = sample("patents.jsonl.gz")
        self.offers = [r for r in sample("nasa_offers.jsonl.gz") if r.get("abstract")]
        self.titles = [r["title"] for r in (*self.patents, *self.offers)]
        texts = [*self.titles, *(r["abstract"] for r in self.offers)]
        counted = Counter(word for text in texts for word in set(words_of(text)))
        self.empty = {word for word, _ in counted.most_common(EMPTY)}
        self.texts_with = counted
        self.classes = [symbol for r in self.patents for symbol in r.get("ipc", ())]
        self.applicants = [r["applicant"] for r in self.patents if r["lang"] == "en"]
        self.is_han: Callable[[str], object] = IS_HAN.search
        self.words_of: Callable[[str], list[str]] = words_of

    def asked(self, dice: random.Random) -> tuple[str, dict[str, Any]]:
        """What somebody may save: text and filters."""
        title = dice.choice(self.titles)
        known = [w for w in dict.fromkeys(self.words_of(title)) if w not in self.empty]
        if not known:
            return self.asked(dice)
        wanted = dice.sample(known, min(len(known), dice.choice((1, 2, 2, 2, 3, 3))))
        if len(wanted) == 1 and self.texts_with[wanted[0]] > ALONE:
            return self.asked(dice)
        text = ("" if self.is_han(title) and dice.random() < 0.3 else " ").join(wanted)
        if dice.random() < 0.3 and self.is_han(title):
            text = traditional(text)
        form, filters = dice.random(), dict[str, Any]()
        if form < 0.10:
            phrase = self.stretch(title, dice)
            if not set(self.words_of(phrase)) - self.empty:
                return self.asked(dice)
            text = f'"{phrase}"'
        elif form < 0.20:
            text += f" -{dice.choice(self.words_of(dice.choice(self.titles)) or ['steam'])}"
        elif form < 0.30:
            text += f" ipc:{dice.choice(self.classes)[:4]}"
        elif form < 0.35:
            text += f" trl:{dice.randint(1, 9)}"
        elif form < 0.37:
            text = f'applicant:"{dice.choice(self.applicants)[:60]}"'
        elif form < 0.60:
            filters = dice.choice((
                {"ipc": [dice.choice(self.classes)[:4]]},
                {"trl": ["5", "6", "7"]},
                {"territory": ["CN"], "kind": ["know_how", "patent_licence"]},
                {"price": {"currency": "HKD", "least": None, "most": 50_000_000}},
                {"ipc_section": [dice.choice(self.classes)[:1]], "jurisdiction": ["HK", "CN"]},
            ))  # fmt: skip
            if dice.random() < 0.05:
                text, filters = "", {"ipc": [dice.choice(self.classes)], "trl": ["6"]}
        return text, filters

    def stretch(self, title: str, dice: random.Random) -> str:
        """A phrase of it."""
        if self.is_han(title):
            return title[(at := dice.randrange(max(len(title) - 6, 1))) : at + 6]
        words = title.replace('"', " ").split()
        at = dice.randrange(max(len(words) - 2, 1))
        return " ".join(words[at : at + 3])


def traditional(text: str) -> str:
    from marketplace.core.language import to_traditional

    return to_traditional(text)


def real_words(sample: Sample) -> None:
    """Words that stand together in life: each text is an offer with its abstract, or a patent's
    title with others of its class."""
    from marketplace.listings.models import ListingText

    dice = random.Random(3)
    beside: dict[tuple[bool, str], list[str]] = {}
    titles: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for row in sample.patents:
        chinese, symbol = bool(sample.is_han(row["title"])), (row.get("ipc") or [""])[0][:4]
        beside.setdefault((chinese, symbol), []).append(row["title"])
        titles[chinese].append((row["title"], symbol))
    ListingText.objects.filter(language="zh-Hant").delete()
    texts = list(ListingText.objects.order_by("pk"))
    for text in texts:
        chinese = text.language != "en"
        title, symbol = dice.choice(titles[chinese])
        same = beside[chinese, symbol]
        text.title, text.description = title[:300], " ".join(dice.sample(same, min(len(same), 8)))
        if not chinese and dice.random() < 0.5:
            offer = dice.choice(sample.offers)
            text.title, text.description = offer["title"][:300], offer["abstract"]
        text.summary, text.problem = "", ""
    fields = ["title", "summary", "problem", "description"]
    ListingText.objects.bulk_update(texts, fields, batch_size=1000)


def subscribers(sample: Sample) -> None:
    """Saved searches as the API would keep them, made in bulk; needs by their own service."""
    from marketplace.accounts.models import User
    from marketplace.alerts.models import SavedSearch
    from marketplace.core.errors import Faults, Invalid
    from marketplace.needs.services import need_move
    from search.percolation import checked_filters
    from search.request import Price
    from tests.factories import NOW, make_need, make_organisation, member_of

    dice = random.Random(7)
    zones = ("Asia/Hong_Kong", "Europe/London", "America/New_York")
    often = ("immediate", "daily", "weekly")
    users = [
        User(email=f"bench{n}@example.com", password="!", time_zone=zones[n % 3])
        for n in range(USERS)
    ]
    User.objects.bulk_create(users)

    def saved() -> Iterator[SavedSearch]:
        number = 0
        while number < SEARCHES - NEEDS:
            text, filters = sample.asked(dice)
            price = Price(**filters.pop("price")) if "price" in filters else None
            try:
                kept = checked_filters(text, filters, price)
            except (Faults, Invalid):  # such as a word to leave out, and none to find
                continue
            yield SavedSearch(
                user=users[number % USERS], name=f"Bench {number}", text=text, filters=kept,
                frequency=often[number % 3],
            )  # fmt: skip
            number += 1

    SavedSearch.objects.bulk_create(saved(), batch_size=5000)
    buyer = member_of(make_organisation("buyer", jurisdiction="CN"))
    for _ in range(min(NEEDS, SEARCHES)):
        offer = dice.choice(sample.offers)
        need = make_need(buyer, title=offer["title"][:200], description=offer["abstract"][:2000])
        need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)


def same_words(sample: Sample) -> None:
    from search.synonyms import synonyms_set
    from tests.factories import make_operator

    dice, operator = random.Random(5), make_operator()
    words = sorted({w for title in sample.titles for w in sample.words_of(title)} - sample.empty)
    for _ in range(GROUPS):
        one, other = dice.sample([w for w in words if len(w) > 1], 2)
        synonyms_set(viewer=operator, words=[one, f"{other} {one}"])


def fill(sample: Sample) -> list[Any]:
    """Listings there before, all subscribers, and the burst as it waits for its reviewer; which."""
    from django.db import connection

    from marketplace.core.models import OutboxMessage
    from marketplace.core.outbox import drain
    from marketplace.listings.models import Listing
    from search import indexing
    from search.percolation import percolate
    from tests.bench.listings import load
    from tests.factories import NOW

    load(LISTINGS + BURST)
    real_words(sample)
    new = list(Listing.objects.order_by("published_at").values_list("pk", flat=True)[:BURST])
    Listing.objects.filter(pk__in=new).update(
        state="in_review", published_at=None, kind="patent_licence"
    )
    indexing.rebuild("listing")
    indexing.rebuild("need")
    percolate(now=NOW)
    OutboxMessage.objects.all().delete()  # nobody waited for these
    say(f"{LISTINGS} listings indexed")
    same_words(sample)
    subscribers(sample)
    drain()
    say(f"{SEARCHES} saved searches, {NEEDS} of them needs")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return new


class Stages:
    """Seconds spent in functions, one within another counted in both, and when each last ended."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self.ended: dict[str, float] = {}

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def run(*args: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return work(*args, **named)
            finally:
                self.ended[name] = time.perf_counter()
                self.spent[name] += self.ended[name] - started  # type: ignore[assignment]

        return run

    def watch(self) -> None:
        from marketplace.core.outbox import HANDLERS, TOGETHER
        from search import percolation, tasks

        for handlers in HANDLERS.values():
            handlers[:] = [self.timed(one.__name__, one) for one in handlers]
        for topic, together in TOGETHER.items():
            TOGETHER[topic] = self.timed(together.__name__, together)
        for name, owner, attribute in (
            ("index_listings", tasks, "index_rows"),
            ("alert_subscribers", tasks, "percolate"),
            ("read_saved_searches", percolation.Waiting, "read"),
            ("match_saved_searches", percolation.Waiting, "matches"),
            ("match_needs", percolation.Watched, "matches"),
            ("make_documents", percolation, "document_of_listing"),
            ("write_alerts", percolation, "alerts_record"),
        ):
            setattr(owner, attribute, self.timed(name, getattr(owner, attribute)))


def run() -> dict[str, Any]:
    from django.conf import settings
    from django.utils import timezone

    from marketplace.alerts.models import Alert, SavedSearch
    from marketplace.core.outbox import claim, drain, handle
    from marketplace.listings.services import listing_move
    from search.percolation import file_saved_searches
    from tests.factories import make_operator

    burst = fill(Sample())
    started = time.perf_counter()
    filed = file_saved_searches()  # each once, when it is saved, and after a change of synonyms
    filing = time.perf_counter() - started
    say(f"{filed} filed in {filing:.1f} s")
    operator = make_operator()
    for pk in burst:
        listing_move(viewer=operator, listing_id=pk, move="publish", now=timezone.now())
    stages = Stages()
    stages.watch()
    load = os.getloadavg()[0]
    published = timezone.now()
    started = time.perf_counter()
    messages = drain(published)  # letters are due later
    spent = time.perf_counter() - started
    written = stages.ended["write_alerts"] - started
    started = time.perf_counter()
    for message in claim(timezone.now(), LETTERS):
        handle(message)
    letters = time.perf_counter() - started
    told = SavedSearch.objects.filter(alerts__sent_at__isnull=False).distinct().count()
    return {
        "bench": "alerts",
        "engine": "elasticsearch" if settings.ELASTICSEARCH_URL else "embedded",
        "saved_searches": SavedSearch.objects.count(),
        "of_which_needs": SavedSearch.objects.exclude(need=None).count(),
        "listings_before": LISTINGS,
        "burst": len(burst),
        "messages": messages,
        "alerts": Alert.objects.count(),
        "alerts_of_needs": Alert.objects.exclude(saved_search__need=None).count(),
        "seconds": {
            "until_alerts_are_written": round(written, 1),
            "until_all_is_indexed_too": round(spent, 1),
            "letters": {"sent": told, "per_s": round(told / letters, 1)},
            "filing_all_anew_not_in_these": round(filing, 1),
            "by_stage": {name: round(spent, 2) for name, spent in stages.spent.most_common()},
        },
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "load_before": round(load, 2),
    }


def main() -> None:
    set_up()
    from django.conf import settings
    from django.core.management import call_command

    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    call_command("migrate", verbosity=0)
    print(json.dumps(run()))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
