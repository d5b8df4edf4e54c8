"""Spare parts: counted by site and place, ordered, used, harvested, scrapped. Every piece is accounted for."""
