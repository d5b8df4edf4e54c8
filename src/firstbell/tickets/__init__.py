"""Requests for help: report, triage, levels, conversation, clocks."""
