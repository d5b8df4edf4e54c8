"""Several areas read together: the headline measure, clocks, the closet, coverage, levels. No writes, no tables.

``without`` (the headline), ``clocks``, ``closet``, ``coverage``, ``levels``, ``quality``: each reads its rows with a
fixed number of queries within the actor's reach, and counts school time in Python over the rows of the period only.
"""
