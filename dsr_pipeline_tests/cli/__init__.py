"""The command line: what is typed, printed and returned."""
