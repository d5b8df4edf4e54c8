"""Rows of the scope table to begin with, from what districts were found to do. None is in force until taken over.

Sources: student benches change screens, keyboards, bezels, port boards, and batteries that are not swollen (reference
5.1); boards go out in weekly batches with three of four coming back well (2.6); makers' accidental damage covers are
void after opening by others (guess, to be checked against the district's own agreement: `voids` is set for the board
and liquid only).
"""

from dataclasses import dataclass

from firstbell.repairs.models import Bench, ScopeRow

STUDENT_BENCH = "Student benches found: screen, keyboard, bezel, port board, with an adult beside"
BATTERY = "Battery only where policy allows, a swollen one never: left to trained people"
BOARDS = "Board level: makers and vendors, 10 to 20 days, three of four come back well"
SOFTWARE = "Reset and enrol again: the student team, supervised"


@dataclass(frozen=True)
class Line:
    """One row of the scope table as somebody wants it. Empty kind and no model: all devices."""

    fault: str
    lowest: int
    skill: str = ""
    part: str = ""
    voids_cover: bool = False
    kind: str = ""
    model_id: int | None = None
    source: str = ""


USUAL = (
    Line("software", Bench.TEAM, ScopeRow.Skill.STUDENT.value, source=SOFTWARE),
    Line("nothing", Bench.CLASSROOM, source=SOFTWARE),
    Line("screen", Bench.SCHOOL, ScopeRow.Skill.STUDENT.value, "screen", source=STUDENT_BENCH),
    Line("keyboard", Bench.SCHOOL, ScopeRow.Skill.STUDENT.value, "keyboard", source=STUDENT_BENCH),
    Line("hinge", Bench.SCHOOL, ScopeRow.Skill.STUDENT.value, "plastics", source=STUDENT_BENCH),
    Line("port", Bench.SCHOOL, ScopeRow.Skill.TRAINED.value, "port_board", source=STUDENT_BENCH),
    Line("trackpad", Bench.SCHOOL, ScopeRow.Skill.TRAINED.value, "trackpad", source=STUDENT_BENCH),
    Line("battery", Bench.DISTRICT, ScopeRow.Skill.TRAINED.value, "battery", source=BATTERY),
    Line("liquid", Bench.DISTRICT, ScopeRow.Skill.TRAINED.value, "keyboard", voids_cover=True, source=BOARDS),
    Line("board", Bench.DISTRICT, ScopeRow.Skill.TRAINED.value, "mainboard", voids_cover=True, source=BOARDS),
    Line("screen", Bench.VENDOR, ScopeRow.Skill.CERTIFIED.value, "screen", kind="ipad", source=BOARDS),
    Line("battery", Bench.VENDOR, ScopeRow.Skill.CERTIFIED.value, "battery", kind="ipad", source=BOARDS),
    Line("board", Bench.VENDOR, ScopeRow.Skill.CERTIFIED.value, "mainboard", kind="ipad", source=BOARDS),
)
