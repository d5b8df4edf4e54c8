"""The weeks that the demo district lives through: seeded, by the real verbs, up to now."""

from firstbell.demo.life.weeks import live

__all__ = ["live"]
