"""Smartsheet: the client over the vendor's SDK, and the sync that keeps every version of every row.

What the rows mean for billing is not known here; `billing` and `audit` read the tables that this room writes.
"""
