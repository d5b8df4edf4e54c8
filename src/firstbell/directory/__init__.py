"""Sites, places, calendars, people, users and the roles they hold."""
