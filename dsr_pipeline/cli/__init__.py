"""The program `dsr`: what a user types, and what is printed back.

Lives here: commands, exit codes, progress and tables on the screen. The work itself is in the rooms below;
a command reads its settings, calls one function and tells the result. Heavy libraries are imported by the
command that needs them, so that `dsr --help` answers at once.
"""

from dsr_pipeline.cli.entry import main

__all__ = ["main"]
