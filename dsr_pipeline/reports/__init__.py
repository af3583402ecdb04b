"""What people read: weekly workbooks and their PDF, built from the billing tables, and their publication.

Called by `cli` and `defs`. What is billed is decided in `billing`; nothing here prices or judges a row.
"""
