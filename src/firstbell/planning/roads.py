"""How far sites lie apart by road, as well as their coordinates can tell."""

import math
from collections.abc import Sequence

Point = tuple[float, float]
"""Latitude and longitude in degrees."""
EARTH = 6_371_008.8
"""Mean radius in metres (IUGG)."""
ROADS = 1.3
"""Roads are so much longer than the straight line (reference T10; a district's own may differ)."""
SPEED = 25 * 1609.344 / 3600
"""Metres a second of a van between schools: 25 mph (reference T10)."""
STAY = 600
"""Seconds at a school: loading and scanning (reference T10)."""


def great_circle(here: Point, there: Point) -> float:
    """Return the metres between two points along the surface of the earth, by the haversine formula."""
    (lat, lon), (lat2, lon2) = (map(math.radians, point) for point in (here, there))
    half = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(half)))


def by_road(points: Sequence[Point]) -> list[list[float]]:
    """Return the table of distances by road in metres: the great circle times ``ROADS``."""
    return [[ROADS * great_circle(here, there) for there in points] for here in points]
