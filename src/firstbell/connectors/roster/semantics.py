"""The standard's rules between the cells of one row. Only the gradebook has any; it is checked, and none of it kept."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

Rule = Callable[[Sequence[str], Mapping[str, int]], Iterator[tuple[str, str]]]
"""From a row and the places of its columns to (code, column) of each fault."""

_CASE_ID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MAPPING = re.compile(r"\{[^{}:]+:[^{}:]+\}")


def _score_range(row: Sequence[str], places: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    try:
        lowest, highest = float(row[places["resultValueMin"]]), float(row[places["resultValueMax"]])
    except ValueError:
        return
    if lowest > highest:
        yield "semantic.invalid_score_range", "resultValueMin"


def _scale_mapping(row: Sequence[str], places: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    listed = [item for item in row[places["scoreScaleValue"]].split(",") if item]
    if not all(_MAPPING.fullmatch(item) for item in listed):
        yield "semantic.invalid_score_scale_mapping", "scoreScaleValue"


def _case_objective(row: Sequence[str], places: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    if row[places["source"]] == "case" and not _CASE_ID.fullmatch(row[places["learningObjectiveId"]]):
        yield "semantic.invalid_case_learning_objective_id", "learningObjectiveId"


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "lineItems": _score_range,
        "scoreScales": _scale_mapping,
        "lineItemLearningObjectiveIds": _case_objective,
        "resultLearningObjectiveIds": _case_objective,
    }
)
