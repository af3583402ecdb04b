"""Faults by rule: which request goes wrong, how, and how often.

Lives here: the rule, the book that counts, and the reading of a file of rules. How a fault looks on the
wire is `breakage`. Called by `app`, the control surface and `dsr sandbox --faults`; never through `/2.0`.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from dsr_pipeline.rule_files import RuleFileError, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Kind = Literal[
    "rate_limit",
    "unexpected",
    "timeout",
    "collision",
    "maintenance",
    "bad_gateway",
    "server_error_code_0",
    "rate_limit_html",
    "slow_first_byte",
    "stalled_body",
    "truncated_body",
    "invalid_json",
    "empty_body",
    "reset_before",
    "reset_after",
    "expired_token",
    "not_found",
    "forbidden",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"'{text}' is not a regular expression: {error}") from error
    return text


class FaultRule(BaseModel):
    """One fault: the requests that it meets, and from which of them on it strikes how often."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    path: Annotated[str, AfterValidator(_pattern)] = Field(
        default=".*", description="Regular expression for the whole path behind /2.0."
    )
    method: Annotated[str, AfterValidator(str.upper)] | None = Field(
        default=None, description="GET, POST, PUT or DELETE; without it any."
    )
    nth: int = Field(default=1, ge=1, description="The first matching request that fails.")
    times: int | None = Field(default=1, ge=1, description="How many fail from there on; null: all of them.")
    seconds: float = Field(
        default=5.0, ge=0, description="Length of the silence of slow_first_byte and stalled_body."
    )
    retry_after: int | None = Field(
        default=None, ge=0, description="Seconds in the header Retry-After of an error answer."
    )

    def meets(self, method: str, path: str) -> bool:
        """Whether a request is one of those that the rule counts."""
        return (self.method is None or self.method == method) and re.fullmatch(self.path, path) is not None


_RULES: TypeAdapter[list[FaultRule]] = TypeAdapter(list[FaultRule])


class FaultBook:
    """The rules in force and how often each was met. Safe to use from several threads."""

    def __init__(self, rules: Iterable[FaultRule] = ()) -> None:
        self._lock = threading.Lock()
        self._rules: list[FaultRule] = []
        self._met: list[int] = []
        for rule in rules:
            self.add(rule)

    def add(self, rule: FaultRule | None = None, **fields: Any) -> FaultRule:
        """Put one rule at the end of the book, given whole or by its fields."""
        made = rule if rule is not None else FaultRule(**fields)
        with self._lock:
            self._rules.append(made)
            self._met.append(0)
        return made

    def clear(self) -> None:
        """Forget every rule and its count."""
        with self._lock:
            self._rules.clear()
            self._met.clear()

    def state(self) -> list[tuple[FaultRule, int]]:
        """Each rule with the number of requests that it met."""
        with self._lock:
            return list(zip(self._rules, self._met, strict=True))

    def strike(self, method: str, path: str) -> FaultRule | None:
        """Count one request; the rule that makes it fail, if one does.

        A request is counted by the rules in order up to the one that strikes, so that two rules for the same
        path follow each other instead of one hiding the other.
        """
        with self._lock:
            for place, rule in enumerate(self._rules):
                if not rule.meets(method, path):
                    continue
                self._met[place] += 1
                met = self._met[place]
                if met >= rule.nth and (rule.times is None or met < rule.nth + rule.times):
                    return rule
        return None


def parse_rules(value: Any) -> tuple[FaultRule, ...]:
    """Rules from plain values, one mapping or a list of them. Raises pydantic's `ValidationError`."""
    return tuple(_RULES.validate_python(value if isinstance(value, list) else [value]))


def read_faults(file: Path) -> tuple[FaultRule, ...]:
    """Rules from a YAML or JSON file that holds a list. Raises `RuleFileError` with file, line and mend."""
    document = read_yaml(file)
    if not isinstance(document.value, list):
        raise RuleFileError(file, 1, f"must be a list of faults, such as `- kind: {KINDS[0]}`")
    try:
        return parse_rules(document.value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise RuleFileError(file, document.line_of(tuple(first["loc"])), mistake(error)) from error


def mistake(error: ValidationError) -> str:
    """The first mistake of a rule as one sentence."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part + 1 if isinstance(part, int) else part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"fault {place}: there is no such key; there are {', '.join(FaultRule.model_fields)}"
    return f"fault {place}: {first['msg'].removeprefix('Value error, ')}"
