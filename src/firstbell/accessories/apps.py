from django.apps import AppConfig


class AccessoriesConfig(AppConfig):
    name = "firstbell.accessories"
    label = "accessories"
    default_auto_field = "django.db.models.BigAutoField"
