"""The folder that Power BI opens: a star schema made from the bank tables, under names that never change.

Lives here: facts, dimensions and their keys. What the tables promise is in `lake.contracts.powerbi`; a visual
or a measure is not here.
"""
