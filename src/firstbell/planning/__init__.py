"""The planner's arithmetic: closed forms, one event simulation of a whole district, calibration. Pure Python.

Nothing here asks a table, a clock or the machine's chance: figures come in, plain values go out.
"""
