"""The two big days of a school year: collecting devices at its end, handing them out at its beginning."""
