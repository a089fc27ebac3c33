# `make demo` and `make test` need Python 3.11+ and nothing else; uv and all packages go into .venv.
PYTHON ?= python3
UV := .venv/bin/uv
RUN := .venv/bin/

.PHONY: install demo test lint schema
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
