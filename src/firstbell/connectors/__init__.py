"""Readers of other systems' files. Pure Python: no Django, no tables, nothing is stored here."""
