"""The verbs of fees, by what they are about."""
