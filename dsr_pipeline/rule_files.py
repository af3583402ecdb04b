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
    from collections.abc import Iterable

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
        problems = error.errors(include_url=False)
        raise RuleFileErrors(
            RuleFileError(document.file, document.line_of(_yaml_place(problem)), _sentence(problem))
            for problem in problems
        ) from error


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


def _yaml_place(problem: ErrorDetails) -> Place:
    # Pydantic adds the names of union members to a location; a place in the file has only keys and indexes,
    # and `Document.line_of` falls back to the enclosing key where such a name stops the walk.
    return tuple(problem["loc"])


def _sentence(problem: ErrorDetails) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    kind = problem["type"]
    if kind == "extra_forbidden":
        return f"unknown key '{place}': remove it or correct its spelling"
    if kind == "missing":
        return f"the key '{place}' is missing"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
