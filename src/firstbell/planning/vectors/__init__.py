"""Reference cases: questions with known answers, computed by the planner's own formulas."""

from firstbell.planning.vectors.cases import WrongCase
from firstbell.planning.vectors.families import FAMILIES, answer

__all__ = ["FAMILIES", "WrongCase", "answer"]
