from django.apps import AppConfig


class RepairsConfig(AppConfig):
    name = "firstbell.repairs"
    label = "repairs"
    default_auto_field = "django.db.models.BigAutoField"
