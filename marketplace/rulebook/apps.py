from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate


class RulebookConfig(AppConfig):
    name = "marketplace.rulebook"

    def ready(self) -> None:
        post_migrate.connect(load_rules, sender=self)


def load_rules(**_: Any) -> None:
    """Where the tables are, the rules are: an empty rule book would confirm nothing."""
    from .loading import load
    from .models import Rule

    if Rule._meta.db_table in connection.introspection.table_names():
        load()
