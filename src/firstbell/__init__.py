"""Firstbell: device support for a whole school district."""

__version__ = "0.1.0"
