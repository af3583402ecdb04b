"""The bank side: exports in the inbox become one verified, deduplicated transaction table.

Lives here: rules, reading, matching, parsing, balance proof, deduplication, transfers, merchants, review.
Not here: where tables are kept (`lake`), what drives a run (`defs`, `cli`).
"""
