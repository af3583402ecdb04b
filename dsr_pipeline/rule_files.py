"""Strict loading of the files under `rules/`: every message names the file, the line and the mend.

Lives here: YAML text → plain values with line numbers → a pydantic model. The models live in the rooms
that use them (`bank.rules`, `bank.accounts`, …); nothing here knows what a rule means.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]

_Loader = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class RuleFileError(Exception):
    """A rule file that cannot be used. Exit code 2; the text is meant for the person who wrote the file."""

    def __init__(self, file: Path | str, line: int | None, message: str) -> None:
        self.file = str(file)
        self.line = line
        self.message = message
        where = f"{self.file}:{line}" if line else self.file
        super().__init__(f"{where}: {message}")


class RuleFileErrors(RuleFileError):
    """Several mistakes in one file, or in several files, told together so that one edit mends them all."""

    def __init__(self, errors: Iterable[RuleFileError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.file, first.line, first.message)
        self.args = ("\n".join(str(error) for error in self.errors),)


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed YAML file: its plain values and, for each place in them, the line it stands on (1-based)."""

    file: Path
    value: Any
    lines: dict[Place, int]

    def line_of(self, place: Place) -> int | None:
        """The line of a place, or of the nearest enclosing place that has one."""
        for end in range(len(place), -1, -1):
            if (line := self.lines.get(place[:end])) is not None:
                return line
        return None


def read_yaml(file: Path) -> Document:
    """Parse one YAML file; duplicate keys, tabs, bad UTF-8 and syntax faults are errors with their line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RuleFileError(
            file, None, f"is not UTF-8 text (byte {error.start}): save it as UTF-8"
        ) from error
    except OSError as error:
        raise RuleFileError(file, None, f"cannot be read: {error.strerror}") from error
    lines: dict[Place, int] = {}
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        value = None if node is None else _plain(file, loader, node, (), lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise RuleFileError(
            file, mark.line + 1 if mark else None, f"is not valid YAML: {error.problem}"
        ) from error
    except yaml.YAMLError as error:
        raise RuleFileError(file, None, f"is not valid YAML: {error}") from error
    finally:
        loader.dispose()
    return Document(file, value, lines)


def load(file: Path, model: type[Model]) -> Model:
    """Read one YAML file into its model; all mistakes of the file are reported at once.

    Raises `RuleFileErrors`, one entry per mistake, each with file and line.
    """
    return validate(read_yaml(file), model)


def validate(document: Document, model: type[Model]) -> Model:
    """Check a parsed document against its model; see `load`."""
    if not isinstance(document.value, dict):
        raise RuleFileError(document.file, 1, "must be a mapping of keys to values")
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        raise RuleFileErrors(_mistakes(document, error.errors(include_url=False))) from error


def write_schema(file: Path, model: type[BaseModel]) -> None:
    """Write the JSON Schema of a rule file, so that editors complete and check it. Unchanged files stay."""
    text = json.dumps(model.model_json_schema(), indent=2, sort_keys=True) + "\n"
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _plain(
    file: Path, loader: yaml.SafeLoader, node: yaml.Node, place: Place, lines: dict[Place, int]
) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        mapping: dict[Any, Any] = {}
        for key_node, value_node in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise RuleFileError(file, line, "a key must be a plain word")
            key = cast("str | int", loader.construct_object(key_node))
            if key in mapping:
                raise RuleFileError(file, line, f"the key '{key}' stands twice")
            lines[(*place, key)] = line
            mapping[key] = _plain(file, loader, value_node, (*place, key), lines)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        items = cast("list[yaml.Node]", node.value)
        return [_plain(file, loader, item, (*place, i), lines) for i, item in enumerate(items)]
    return cast("Any", loader.construct_object(node))


_WRONG_FORM = frozenset(
    {
        "missing",
        "extra_forbidden",
        "string_type",
        "list_type",
        "dict_type",
        "model_type",
        "int_type",
        "none_required",
    }
)


def _mistakes(document: Document, problems: Sequence[ErrorDetails]) -> list[RuleFileError]:
    """One error per mistake: of a key that takes several forms, pydantic tells what is wrong with each."""
    by_place: dict[Place, list[ErrorDetails]] = {}
    for problem in problems:
        if problem["type"] == "too_short" and _is_emptied(problem, problems):
            continue
        by_place.setdefault(_form_place(document, problem), []).append(problem)
    found: list[RuleFileError] = []
    for place, told in by_place.items():
        if len(told) == 1 or not any(len(problem["loc"]) > len(place) for problem in told):
            chosen = told
        else:
            chosen = _likeliest_form(place, told)
        if chosen:
            found += [_mistake(document, problem, place) for problem in chosen]
        else:
            text = f"{_dotted(place)}: this is none of the forms that the key takes: {_forms(place, told)}"
            found.append(RuleFileError(document.file, document.line_of(place), text))
    return found


def _is_emptied(short: ErrorDetails, problems: Sequence[ErrorDetails]) -> bool:
    """Whether a list is too short only because the mistakes in its items left none."""
    place = short["loc"]
    return any(len(one["loc"]) > len(place) and one["loc"][: len(place)] == place for one in problems)


def _form_place(document: Document, problem: ErrorDetails) -> Place:
    """How far the location of a problem goes in the file; behind it stands the name of a form."""
    loc = tuple(problem["loc"])
    known = next(end for end in range(len(loc), -1, -1) if loc[:end] in document.lines or not end)
    missing = problem["type"] == "missing" and known == len(loc) - 1
    return loc if missing or known == len(loc) else loc[:known]


def _likeliest_form(place: Place, told: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """The problems of the form that the value has, its parts being wrong; none where it has no form."""
    by_form: dict[str | int, list[ErrorDetails]] = {}
    for problem in told:
        by_form.setdefault(problem["loc"][len(place)], []).append(problem)
    for problems in by_form.values():
        if not any(_is_wrong_form(place, problem) for problem in problems):
            return problems
    return []


def _is_wrong_form(place: Place, problem: ErrorDetails) -> bool:
    return problem["type"] in _WRONG_FORM and len(problem["loc"]) <= len(place) + 2


def _forms(place: Place, told: Sequence[ErrorDetails]) -> str:
    forms: list[str] = []
    for problem in told:
        if problem["type"] == "missing" and len(problem["loc"]) == len(place) + 2:
            forms.append(f"{{{problem['loc'][-1]}: …}}")
        elif problem["type"] in {"string_type", "list_type"} and len(problem["loc"]) == len(place) + 1:
            forms.append("a text" if problem["type"] == "string_type" else "a list")
        elif problem["type"] == "model_type":
            forms.append("a mapping")
    return ", ".join(dict.fromkeys(forms))


def _mistake(document: Document, problem: ErrorDetails, place: Place) -> RuleFileError:
    message = _sentence(problem, place)
    # A model that contradicts itself begins its sentence with the place: "columns.date: column …".
    named = tuple(int(one) if one.isdigit() else one for one in message.partition(":")[0].split("."))
    line = document.line_of(named if named[:1] in document.lines else place)
    return RuleFileError(document.file, line, message)


def _dotted(place: Place) -> str:
    return ".".join(str(part) for part in place)


def _sentence(problem: ErrorDetails, place: Place) -> str:
    loc = tuple(problem["loc"])
    named = _dotted(place if place == loc or not loc else (*place, loc[-1]))
    if problem["type"] == "extra_forbidden":
        return f"unknown key '{named}': remove it or correct its spelling"
    if problem["type"] == "missing":
        return f"the key '{named}' is missing"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{_dotted(place)}: {message}" if place else message
