"""The encoding of a file from its bytes: by byte order mark, by strict UTF-8, else by what reads as words.

Lives here: the refusal of files that are no text, and the choice among the legacy code pages. No statistics:
a code page goes out when it puts signs into words or letters that the file's language does not have, and
where two different readings remain it is asked. Called by `bank.draft.drafting`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from dsr_pipeline.bank.draft.model import DraftError, Questions
from dsr_pipeline.bank.draft.vocabulary import language_of
from dsr_pipeline.bank.inbox import kind_of
from dsr_pipeline.bank.reading import MAX_LINE, Lines, decode, split_lines

# Code pages that bank exports are written in; the second row is looked at only when none of the first reads.
_USUAL = ("cp1252", "cp1250", "iso8859-2", "iso8859-15", "cp1254", "cp932")
_UNUSUAL = ("cp1251", "cp1253", "cp1257", "cp850", "mac_roman", "gb18030", "euc_jp")
_WIDE_SHARE = 0.2  # NULs in this share of one parity of bytes: two-byte text without a mark

# Letters beyond ASCII that words of a language have, loan words and names of its neighbours left aside.
_ALPHABETS: dict[str, str] = {
    "en": "éèêëàâäçñöüïôáíóú",
    "de": "äöüßéè",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "es": "áéíóúüñçàèò",
    "it": "àèéìíîòóùú",
    "nl": "áéíóúàèëïöüç",
    "pt": "ãáàâçéêíõóôúü",
    "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýžľôä",
    "hu": "áéíóöőúüű",
    "ro": "ăâîșşțţ",
    "sv": "åäöé",
    "da": "æøåéö",
    "no": "æøåéöòôü",
    "fi": "åäö",
    "tr": "çğıöşüâî",
    "lt": "ąčęėįšųūžāēģīķļņõ",
    "hr": "čćđšž",
    "is": "áðéíóúýþæö",
}
_ORDINARY_SIGNS = frozenset("€£§°–—’‘“”„•…·©®™«»²³½¼¾µ×\u00a0ºª¿¡´¥¢")
_WORD_JOINERS = frozenset("’'´·-–*/&.ªº@+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file under the encoding that was told or, with a question, is the likeliest."""

    encoding: str
    evidence: str
    lines: Lines


def infer_encoding(file: str, data: bytes, questions: Questions) -> Decoded:
    """Tell the encoding; raises `DraftError` for a file that is empty or no text."""
    if not data.strip(b"\x00\r\n\t \xef\xbb\xbf"):
        raise DraftError(file, "is empty: there is nothing to draft a rule from")
    if (kind := kind_of(data[:4096])) is not None:
        raise DraftError(file, f"is {kind}: export the transactions as CSV")
    name, evidence = _told(file, data, questions)
    lines = decode(data, [name])
    if any(len(text) > MAX_LINE for text in lines.texts):
        raise DraftError(file, f"has a line of more than {MAX_LINE:,} characters: no bank export has")
    return Decoded(name, evidence, lines)


def _told(file: str, data: bytes, questions: Questions) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _checked(file, data, "utf-16"), "the file begins with the UTF-16 byte order mark"
    if (wide := _wide_without_mark(data)) is not None:
        return _checked(file, data, wide), "every other byte is NUL: two-byte text without a mark"
    if b"\x00" in data:
        raise DraftError(file, "holds NUL bytes: it is binary, or damaged")
    if data.startswith(b"\xef\xbb\xbf"):
        return _checked(file, data, "utf-8-sig"), "the file begins with the UTF-8 byte order mark"
    if data.isascii():
        if b"\x1b$" in data:
            return _checked(file, data, "iso2022_jp"), "escape sequences of ISO-2022-JP"
        return (
            "utf-8-sig",
            "all bytes are ASCII, which every encoding reads the same; others would be refused",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(file, data, questions)
    count = sum(not character.isascii() for character in text)
    return "utf-8", f"{count} characters beyond ASCII, and all bytes are strictly UTF-8"


def _checked(file: str, data: bytes, name: str) -> str:
    try:
        data.decode(name)
    except UnicodeDecodeError as error:
        raise DraftError(
            file, f"says that it is {name}, but byte {error.start} is not: the file is damaged"
        ) from error
    return name


def _wide_without_mark(data: bytes) -> str | None:
    head = data[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > _WIDE_SHARE * half and even == 0:
        return "utf-16-le"
    if even > _WIDE_SHARE * half and odd == 0:
        return "utf-16-be"
    return None


def _legacy(file: str, data: bytes, questions: Questions) -> tuple[str, str]:
    """Choose among the code pages under which the bytes differ in meaning."""
    raw = sorted({line for line in split_lines(data) if not line.isascii()})
    readings = _readings(raw, _USUAL)
    language = language_of(data.decode("ascii", "replace"))
    if language == "en":
        language = None  # English names of columns stand in exports of every country
    alive = {text: names for text, names in readings.items() if _oddities(text, language) == 0}
    if not alive:
        readings = _readings(raw, _USUAL + _UNUSUAL)
        alive = {text: names for text, names in readings.items() if _oddities(text, language) == 0}
    if len(alive) == 1:
        text, names = next(iter(alive.items()))
        others = sorted({name for other, found in readings.items() if other != text for name in found})
        sample = _sample(text)
        against = f"; {', '.join(others)} would not make words of them" if others else ""
        same = f" ({', '.join(names[1:])} read the same)" if len(names) > 1 else ""
        return names[0], f"bytes are no UTF-8; {names[0]} reads e.g. {sample}{same}{against}"
    return _undecided(file, raw, readings, alive, questions)


def _undecided(
    file: str,
    raw: list[bytes],
    readings: dict[str, list[str]],
    alive: dict[str, list[str]],
    questions: Questions,
) -> tuple[str, str]:
    open_readings = alive or readings
    if not open_readings:
        raise DraftError(file, "is in no encoding that bank exports are written in: it is binary, or damaged")
    differing = _first_difference(list(open_readings), raw)
    choices = [names[0] for names in open_readings.values()]
    shown = "; ".join(
        f"{names[0]}: {sample}" for names, sample in zip(open_readings.values(), differing, strict=True)
    )
    questions.ask(
        "file.encoding",
        "In which encoding is the file written? Its bytes make different words in each of these.",
        choices,
        shown,
    )
    return choices[0], f"open: {shown}"


def _readings(raw: list[bytes], names: tuple[str, ...]) -> dict[str, list[str]]:
    """The different texts that the lines beyond ASCII give, each with the code pages that give it."""
    data = b"\n".join(raw)
    found: dict[str, list[str]] = {}
    for name in names:
        try:
            found.setdefault(data.decode(name), []).append(name)
        except UnicodeDecodeError:
            continue
    return found


def _first_difference(texts: list[str], raw: list[bytes]) -> list[str]:
    lines = [text.split("\n") for text in texts]
    for place in range(len(raw)):
        column = [found[place] if place < len(found) else "" for found in lines]
        if len(set(column)) == len(column):
            return [_sample(text) for text in column]
    return [_sample(text) for text in texts]


def _sample(text: str) -> str:
    words = re.findall(r"[^\s;,\"|]*[^\x00-\x7f][^\s;,\"|]*", text)
    return repr(words[0][:40]) if words else "''"


def _oddities(text: str, language: str | None) -> int:
    """How many characters beyond ASCII stand where no writer of the language would put them."""
    alphabets = [_ALPHABETS[language]] if language in _ALPHABETS else list(_ALPHABETS.values())
    if language in _ALPHABETS:
        # Names from abroad: the letters that the Western code pages share are no proof against a reading.
        alphabets = [_ALPHABETS[language] + "äöüßéáíóúçë"]
    if (cjk := len(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff\uff01-\uff9f]", text))) > 0:
        return _oddities_east(text, cjk)
    misplaced = sum(map(_misplaced, re.findall(r"\S*[^\x00-\x7f]\S*", text)))
    letters = {character.lower() for character in text if not character.isascii() and character.isalpha()}
    letters -= {"ª", "º", "µ"}
    strange = min(len(letters - set(alphabet)) for alphabet in alphabets)
    return misplaced + strange


def _misplaced(word: str) -> int:
    wrong = 0
    for place, character in enumerate(word):
        if character.isascii():
            continue
        before = word[place - 1] if place else ""
        after = word[place + 1] if place + 1 < len(word) else ""
        if unicodedata.category(character) == "Cc" or character == "\ufffd":
            wrong += 1
        elif character.isalpha() and character not in "ªº":
            wrong += character.isupper() and before.islower()
            # A letter glued to a figure is a currency sign read under the wrong page: `Ł1,234.56` for £.
            wrong += not before.isalpha() and not after.isalpha() and (before.isdigit() or after.isdigit())
        elif character not in _ORDINARY_SIGNS or (
            before.isalpha() and after.isalpha() and character not in _WORD_JOINERS
        ):
            wrong += 1
    if re.search(r"(?:[^\x00-\x7f\W\d_]){4,}", word) and not re.search(r"[\u0370-\u05ff]", word):
        wrong += 1  # four accented letters in a row: another script read as Latin
    return wrong


def _oddities_east(text: str, characters: int) -> int:
    """Japanese or Chinese: its signs stand together, not one by one between Latin letters."""
    lonely = len(re.findall(r"(?<=[a-z])[\u3040-\u9fff\uff01-\uff9f]|[\u3040-\u9fff](?=[a-z])", text))
    private = len(re.findall(r"[\ue000-\uf8ff\ufffd]", text))
    runs = len(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff\uff21-\uff5a\uff66-\uff9f]{2,}", text))
    rare = len(re.findall(r"[\uff61-\uff9f](?![\uff61-\uff9f])(?<![\uff61-\uff9f].)", text))
    return lonely + private + (0 if runs else 1) + (rare if rare > characters / 2 else 0)
