"""An invented district: schools, people and devices that exist nowhere, in the proportions of real ones.

Everything is drawn from seeded generators, one a school, so that a size and a seed give the same district for ever.
"""
