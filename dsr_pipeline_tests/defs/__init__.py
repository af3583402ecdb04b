"""The Dagster face: definitions, checks, sensors, schedules."""
