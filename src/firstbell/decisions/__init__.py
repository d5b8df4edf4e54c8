"""The plan's questions and typed answers: what everything above reads."""
