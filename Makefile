# `make demo` and `make test` need Python 3.11+ and nothing else; uv and all packages go into .venv.
PYTHON ?= python3
UV := .venv/bin/uv
RUN := .venv/bin/
EVAL_DATA ?= ../shared/data
EVAL_MIXED ?= patents/aviation_bilingual_dev.jsonl
EVAL_SETS ?= $(notdir $(patsubst %/,%,$(dir $(wildcard $(EVAL_DATA)/eval_dev/*/about.json))))

.PHONY: install demo test lint schema bench eval bench-alerts bench-money bench-duplicates race story walk mutants stripe-mock
install: .venv/.synced

.venv/.synced: pyproject.toml uv.lock
	@test -x $(UV) || ($(PYTHON) -m venv .venv && .venv/bin/pip install -q uv)
	$(UV) sync --quiet --frozen --inexact
	@touch $@

test: install  ## the whole test suite, on a real PostgreSQL and a real Elasticsearch
	$(RUN)pytest

lint: install  ## format, rules, types, layers, migrations
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(RUN)mypy
	$(RUN)lint-imports
	$(RUN)python manage.py makemigrations --check --dry-run

schema: install  ## write graphql/schema.graphql from the code
	$(RUN)python manage.py graphql_schema --out graphql/schema.graphql

demo: install  ## the main job on real patents, then a server on http://127.0.0.1:8000/graphql/
	$(RUN)python manage.py demo
ifndef DEMO_EXIT
	$(RUN)python manage.py runserver --noreload 127.0.0.1:8000
endif

eval: install  ## figures of search quality: one JSON line a set and method, and the table of them
	$(RUN)python manage.py migrate --verbosity 0
	$(RUN)python -m tests.elasticsearch_node -- $(RUN)python manage.py evaluate_search $(EVAL_SETS) --mixed $(EVAL_MIXED) --data $(EVAL_DATA) --engine all --table $(EVAL_INTO)

bench: install  ## speed of the real server beside Elasticsearch's own; ends with one JSON document
	$(RUN)python -m tests.elasticsearch_node -- $(RUN)python -m tests.bench

bench-alerts: install  ## 1,000 new listings against 100,000 saved searches, on either engine
	$(RUN)python -m tests.bench.alerts
	$(RUN)python -m tests.elasticsearch_node -- $(RUN)python -m tests.bench.alerts

bench-duplicates: install  ## how surely near-same texts are recognised, TEXTS=file.jsonl for others; how fast
	$(RUN)python -m tests.bench.duplicates $(TEXTS)
	$(RUN)python -m tests.bench.lookalikes

bench-money: install  ## webhooks, the worker, a million postings; ends with one JSON document
	$(RUN)python -m tests.bench.money

race: install  ## 32 threads want one right, 1,000 times; one JSON line: winners, double_grants
	@$(RUN)python -m tests.race

story: install  ## a technology's way from its listing to the licence, through the public API alone
	@$(RUN)python -m tests.story

stripe-mock: install  ## where Go is: hold our requests against Stripe's own mock
	GOBIN=$(CURDIR)/.data/bin go install github.com/stripe/stripe-mock@v0.203.0
	$(RUN)pytest -q tests/marketplace/payments/test_second_opinions.py

mutants: install  ## break the money code on purpose, and see a test catch each; one JSON line each
	@$(RUN)python -m tests.mutants

walk: install  ## reads every field of the schema as every role; one JSON line a role
	@$(RUN)pytest -q -s tests/api/test_disclosure.py | grep -o '{.*}'
