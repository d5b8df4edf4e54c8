"""Chargers, cords, cases, styluses: counted, not serialised. A stock per kind and place, and who holds what."""
