"""The smallest site that runs django-helpdesk, for `python -m bench.beside`; in an environment of its own."""
