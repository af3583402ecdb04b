"""The program in a browser: what the Dagster UI shows of it."""
