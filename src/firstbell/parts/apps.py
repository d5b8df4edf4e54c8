from django.apps import AppConfig


class PartsConfig(AppConfig):
    name = "firstbell.parts"
    label = "parts"
    default_auto_field = "django.db.models.BigAutoField"
