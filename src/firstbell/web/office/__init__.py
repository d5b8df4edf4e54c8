"""Signing in, people with logins, roles."""
