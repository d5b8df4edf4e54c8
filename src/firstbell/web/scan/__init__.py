"""The scan page: for people who walk, also out of reach. What a phone knows, what it sends, what did not fit."""
