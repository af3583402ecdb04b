"""Drafting the rule of an export that no rule knows: what the file proves is told, the rest is asked.

Lives here: `draft(path)`, one module per thing that is inferred. Used by `dsr inbox draft`; the drafted rule
is read by the same code as every other rule, and does not load while a question is open.
"""

from dsr_pipeline.bank.draft.drafting import draft, draft_bytes
from dsr_pipeline.bank.draft.model import Draft, DraftError

__all__ = ["Draft", "DraftError", "draft", "draft_bytes"]
