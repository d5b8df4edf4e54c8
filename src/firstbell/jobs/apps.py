from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "firstbell.jobs"
    label = "jobs"
