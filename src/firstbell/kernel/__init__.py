"""Pure Python: who acts, what can go wrong, time and identifiers. No Django, no tables."""
