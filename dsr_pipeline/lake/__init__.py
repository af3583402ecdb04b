"""Tables on disk: contracts, checked atomic Parquet, append-only logs, read-only views, stable exports.

No room's domain lives here, and dagster is not known here; every room above reads and writes through it.
"""
