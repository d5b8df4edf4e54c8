"""Counts: what should be there, what was seen, and what became of each difference; a certificate ends it."""
