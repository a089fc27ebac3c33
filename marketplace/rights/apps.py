from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "marketplace.rights"

    def ready(self) -> None:
        from . import offers  # noqa: F401 - puts its check before the listings' moves
