from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "recovery"

    def ready(self) -> None:
        """Register every action and document in the open."""
        from recovery import catalog  # noqa: F401  # models must be loaded first
