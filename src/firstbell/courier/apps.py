from django.apps import AppConfig


class CourierConfig(AppConfig):
    name = "firstbell.courier"
    label = "courier"
    default_auto_field = "django.db.models.BigAutoField"
