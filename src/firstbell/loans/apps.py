from django.apps import AppConfig


class LoansConfig(AppConfig):
    name = "firstbell.loans"
    label = "loans"
    default_auto_field = "django.db.models.BigAutoField"
