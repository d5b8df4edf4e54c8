"""Repairs handed to somebody outside: what a vendor offers, its cases, its boxes, and what it says in its own words."""
