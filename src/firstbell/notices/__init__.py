"""Notices: what a user of the system is told inside it. Told once, by whatever noticed it."""
