"""The entry point of web servers."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "firstbell.settings")
application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # every page, before the first one is asked for
gc.freeze()  # what is loaded by now stays: looking through it again and again made the slowest answers slower still
