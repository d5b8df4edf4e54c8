"""The pages as a Django app: it brings the templates, the tags and the built styles and scripts."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "firstbell.web"
    label = "web"
