from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "firstbell.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"
