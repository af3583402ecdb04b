"""The errors of the API: code to status and message, and the envelope in which they are sent.

Raised by every endpoint as `ApiProblem(code, ...)`; made an answer by `app.py` and by injected faults.
"""

import hashlib
import itertools
from collections.abc import Mapping

_COUNTER = itertools.count(1)

# code: (status, message). {0}, {1} are filled from the arguments of the problem.
TABLE: Mapping[int, tuple[int, str]] = {
    0: (503, "Service Unavailable"),
    1001: (401, "An Access Token is required."),
    1002: (401, "Your Access Token is invalid."),
    1003: (401, "Your Access Token has expired."),
    1004: (403, "You are not authorized to perform this action."),
    1006: (404, "Not Found"),
    1007: (404, "Version not supported."),
    1008: (400, "Unable to parse request. The following error occurred: {0}"),
    1009: (400, "A required parameter is missing from your request: {0}."),
    1010: (405, "HTTP Method not supported."),
    1011: (400, "A required header was missing or invalid: {0}"),
    1012: (400, "Required object attribute(s) are missing from your request: {0}."),
    1014: (400, "The supplied {0} is invalid."),
    1018: (400, "The value '{0}' was not valid for the parameter {1}."),
    1020: (404, "Could not find user with email {0}"),
    1031: (400, "The value '{0}' was not valid for the attribute {1}."),
    1032: (400, "The attribute(s) {0} are not allowed for this operation."),
    1034: (400, "The row id {0} is invalid."),
    1036: (400, "The columnId {0} is invalid."),
    1037: (400, "Column {0} was included more than once for a row."),
    1038: (400, "Invalid Cell value. Must be numeric or a string."),
    1039: (403, "Cannot edit a locked column."),
    1041: (400, "The attribute {0} is too long: at most {1} characters are allowed."),
    1042: (
        400,
        "The value for cell in column {0}, {1}, did not conform to the strict requirements for type {2}.",
    ),
    1046: (400, "This operation can not be performed on columns of system type {0}."),
    1050: (403, "Cannot edit a locked row."),
    1051: (400, "File attachments cannot be created using a JSON body."),
    1052: (406, "Invalid Accept header. Media type not supported."),
    1054: (400, "A sheet must be created with either fromId or columns."),
    1055: (400, "One and only one column must be primary."),
    1056: (400, "Column titles must be unique."),
    1057: (400, "Primary columns must be of type TEXT_NUMBER."),
    1061: (400, "The maximum count of {0} was exceeded: at most {1} are allowed."),
    1062: (400, "Invalid row location."),
    1063: (400, "Invalid parentId: {0}."),
    1064: (400, "Invalid siblingId: {0}."),
    1065: (400, "The column specified cannot be deleted."),
    1075: (400, "The size of the file does not match the Content-Length."),
    1087: (400, "The value '{0}' is not valid for the attribute {1}."),
    1090: (400, "Column type {0} is not supported here."),
    1092: (403, "Cannot perform this action on a row with locked children."),
    1100: (400, "Comment attachments cannot have versions."),
    1101: (400, "Only attachments of type FILE can have versions."),
    1110: (400, "Invalid cell link: {0}"),
    1119: (500, "Unable to complete the request."),
    1122: (405, "The operation is not supported."),
    1123: (
        400,
        "Specifying multiple row locations is not supported: all rows of a request have one location.",
    ),
    1124: (415, "Invalid Content-Type header. Media type not supported."),
    1127: (400, "A required part is missing from the multipart body: {0}."),
    1128: (400, "The multipart body is larger than allowed."),
    1130: (400, "A cell can have a value or an objectValue, but not both."),
    1133: (400, "Column titles are not unique among input columns: {0}."),
    1148: (400, "Number is out of range: it must be between -9007199254740992 and 9007199254740992."),
    1160: (400, "Invalid bulk request: {0}"),
    1162: (400, "A formula must always start with an equal sign (=)."),
    1163: (400, "If cell.formula is specified, then {0} must not be specified."),
    1212: (403, "Only administrators of the sheet can use overrideValidation."),
    1255: (400, "The type of the file is not allowed."),
    1302: (400, "A cell of a column with a column formula cannot be changed."),
    4000: (500, "An unexpected error has occurred. Please contact api@smartsheet.com for assistance."),
    4001: (
        503,
        "Smartsheet.com is currently offline for system maintenance. Please check back again shortly.",
    ),
    4002: (500, "Server timeout exceeded. Request has failed."),
    4003: (429, "Rate limit exceeded."),
    4004: (500, "An unexpected error has occurred. Please retry your request."),
    4005: (410, "The endpoint is no longer available."),
    5536: (400, "The column is restricted to values of its type."),
}


class ApiProblem(Exception):
    """A request that is answered with an error: its code, message and, for bulk requests, the detail."""

    def __init__(
        self,
        code: int,
        *arguments: object,
        detail: Mapping[str, int] | None = None,
        message: str | None = None,
        status: int | None = None,
    ) -> None:
        self.code = code
        self.status = TABLE[code][0] if status is None else status
        self.message = TABLE[code][1].format(*arguments) if message is None else message
        self.detail = detail
        super().__init__(f"{code}: {self.message}")

    def at(self, index: int, row_id: int | None = None) -> "ApiProblem":
        """The same problem with the place of the bad item of a bulk request."""
        detail = {"index": index} if row_id is None else {"index": index, "rowId": row_id}
        return ApiProblem(self.code, detail=detail, message=self.message, status=self.status)

    def body(self, at: str) -> dict[str, object]:
        """The envelope, with a refId of its own; `at` is the time of the answer."""
        sent: dict[str, object] = {
            "refId": fresh_ref_id(at),
            "errorCode": self.code,
            "message": self.message,
        }
        if self.detail is not None:
            sent["detail"] = dict(self.detail)
        return sent


def envelope(code: int, *arguments: object, at: str = "") -> tuple[int, dict[str, object]]:
    """Status and body of an error that is answered without an endpoint."""
    problem = ApiProblem(code, *arguments)
    return problem.status, problem.body(at)


def fresh_ref_id(at: str) -> str:
    """A reference that no other answer has: from the time and a counter of this process, no randomness."""
    digest = hashlib.blake2s(f"{at}/{next(_COUNTER)}".encode(), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"
