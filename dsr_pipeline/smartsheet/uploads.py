"""Files on rows: sent, read back byte for byte, found again when the answer was lost.

`client` calls this. A file is known by its name and its bytes; names carry a content hash (the publisher's
business), so that a file which is there already need not be sent.
"""

import hashlib
from collections.abc import Callable, Collection

from dsr_pipeline.smartsheet.errors import AnswerLost, BadAnswer, RequestRefused, SentOtherwise
from dsr_pipeline.smartsheet.transport import Transport, Upload
from dsr_pipeline.smartsheet.wire import Attachment, AttachmentList, AttachmentWritten, decoder

LARGEST_FILE = 30 * 1024 * 1024
"""The vendor's bound for an uploaded file, in bytes."""
LOOKS = 4
"""How often a lost answer is looked up and the file sent again."""

_written = decoder(AttachmentWritten)
_listed = decoder(AttachmentList)
_one = decoder(Attachment)

List = Callable[[], list[Attachment]]


def attachments(transport: Transport, path: str) -> list[Attachment]:
    """All attachments (or versions) that a path lists."""
    return transport.call("GET", path, _whole, params={"includeAll": "true"})


def attachment(transport: Transport, sheet_id: int, attachment_id: int) -> Attachment:
    """One attachment with its temporary url."""
    return transport.call("GET", f"/sheets/{sheet_id}/attachments/{attachment_id}", _one.decode)


def contents(transport: Transport, sheet_id: int, attachment_id: int, limit: int = LARGEST_FILE) -> bytes:
    """The bytes of an attachment. Read once more where its temporary url ran out meanwhile, or where what
    came is not as long as Smartsheet says that it is."""
    for last in (False, True):
        found = attachment(transport, sheet_id, attachment_id)
        if not found.url:
            raise BadAnswer(f"attachment {attachment_id} of sheet {sheet_id} has no address to read it from")
        try:
            data = transport.download(found.url, limit)
        except RequestRefused:
            if last:
                raise
            continue
        if has_size(found, len(data)):
            return data
    raise BadAnswer(f"attachment {attachment_id} of sheet {sheet_id} does not come in the size that it has")


def has_size(held: Attachment, size: int) -> bool:
    """Whether an attachment may have so many bytes; Smartsheet tells kilobytes, rounded."""
    return held.size_in_kb is None or abs(held.size_in_kb - size / 1024) <= 1


def holds(transport: Transport, sheet_id: int, attachment_id: int, sha256: str) -> bool:
    """Whether an attachment holds these bytes. What seems to hold others is read twice, for a download may
    go wrong without a trace, and a file that is taken for another one is sent again.

    Raises `BadAnswer` where two reads give two files.
    """
    reads: list[str] = []
    for _ in range(2):
        reads.append(hashlib.sha256(contents(transport, sheet_id, attachment_id)).hexdigest())
        if reads[-1] == sha256:
            return True
    if reads[0] != reads[1]:
        raise BadAnswer(f"attachment {attachment_id} of sheet {sheet_id} is another file at every read")
    return False


def upload(
    transport: Transport, sheet_id: int, path: str, file: Upload, foreign: Collection[int] = ()
) -> Attachment:
    """POST a file to a path that lists what it holds; verified by reading it back.

    `foreign` are attachments that hung there before: none of them is taken for the lost one. Raises
    `AnswerLost` where it stays unknown whether it arrived, `SentOtherwise` where Smartsheet holds something
    else than was sent, `RequestRefused` before sending what Smartsheet does not take.
    """
    _check(file)
    for look in range(1, LOOKS + 1):
        try:
            made = transport.call("POST", path, _made, upload=file)
        except AnswerLost:
            transport.backoff(look)
            if found := _same(transport, sheet_id, path, file, foreign):
                return found
            if look == LOOKS:
                raise
            continue
        if not holds(transport, sheet_id, made.id, file.sha256):
            wrong = SentOtherwise(
                f"attachment {made.id} ({file.name}) of sheet {sheet_id} is not what was sent: delete it, "
                "then send the file again"
            )
            wrong.attachment_id = made.id
            raise wrong
        return made
    raise AssertionError


def _same(
    transport: Transport, sheet_id: int, path: str, file: Upload, foreign: Collection[int]
) -> Attachment | None:
    """The attachment under the path with the name and the bytes of the file."""
    listed = attachments(transport, path)
    named = [held for held in listed if held.name == file.name and held.id not in foreign]
    for held in sorted(named, key=lambda one: (one.created_at or "", one.id), reverse=True):
        if has_size(held, len(file.data)) and holds(transport, sheet_id, held.id, file.sha256):
            return held
    return None


def _check(file: Upload) -> None:
    if not file.name or any(sign in file.name for sign in '/\\"\r\n\0'):
        raise RequestRefused(f"{file.name!r} cannot be the name of an attachment")
    if not file.data:
        raise RequestRefused(f"{file.name} is empty: nothing to attach")
    if len(file.data) > LARGEST_FILE:
        raise RequestRefused(
            f"{file.name} has {len(file.data):,} bytes, and Smartsheet takes {LARGEST_FILE:,}"
        )


def _made(body: bytes) -> Attachment:
    answer: AttachmentWritten = _written.decode(body)
    return answer.result


def _whole(body: bytes) -> list[Attachment]:
    answer: AttachmentList = _listed.decode(body)
    if answer.total_count is not None and answer.total_count not in (-1, len(answer.data)):
        raise BadAnswer(f"the list holds {len(answer.data)} of {answer.total_count} attachments")
    return answer.data
