"""Verbs that join several areas in one transaction: from the report to the hand-back."""
