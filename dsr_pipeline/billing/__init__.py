"""From recorded rows to what is billed: units typed, judged, priced and claimed, and the groups they form.

Called by `cli`, `defs` and `reports`; the audit prices with the same functions. Prices, variants and the
office's decisions are files under `rules/billing`.
"""
