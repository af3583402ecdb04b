"""The Dagster face of the pipeline, and the only room that imports dagster.

Lives here: assets, checks, jobs, schedules, sensors, resources. An asset's body is a few lines: read tables,
call one function of a room below, return what was written. If it is longer, the work is in the wrong room.
"""
