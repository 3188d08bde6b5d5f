from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "recovery"

    def ready(self) -> None:
        # Importing it registers every action and document. The models must be loaded first.
        from recovery import catalog  # noqa: F401
