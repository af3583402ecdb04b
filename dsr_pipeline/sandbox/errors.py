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
    1018: (400, "The value '{0}' was not valid for the parameter {1}."),
    1024: (400, "The HTTP request body is required for this Method."),
    1020: (404, "User not found."),
    1030: (401, "You are unable to assume the user specified."),
    1031: (400, "The value '{0}' was not valid for the attribute {1}."),
    1032: (400, "The attribute(s) {0} are not allowed for this operation."),
    1034: (400, "Invalid Row Id."),
    1036: (400, "The columnId {0} is invalid."),
    1037: (400, "The columnId {0} is included more than once in a single row."),
    1038: (400, "Invalid Cell value. Must be numeric or a string."),
    1039: (403, "Cannot edit a locked column {0}."),
    1041: (400, "The value for {0} must be {1} characters in length or less, but was {2}."),
    1042: (
        400,
        "The value for cell in column {0}, {1}, did not conform to the strict requirements for type {2}.",
    ),
    1046: (400, "Cells containing system values cannot be changed through the API, columnId : {0}."),
    1050: (403, "You cannot edit a locked row."),
    1051: (400, "Attachments of type FILE cannot be created using JSON."),
    1052: (406, "Invalid Accept header. Media type not supported."),
    1054: (400, "The new sheet requires either a fromId or columns."),
    1055: (400, "One and only one column must be primary."),
    1056: (400, "Column titles must be unique."),
    1057: (400, "Primary columns must be of type TEXT_NUMBER."),
    1061: (400, "Max count exceeded for field {0}."),
    1062: (400, "Invalid row location."),
    1063: (400, "Invalid parentId: {0}."),
    1064: (400, "Invalid siblingId: {0}."),
    1060: (400, "Column options are not allowed for column type {0}."),
    1065: (400, "The column specified cannot be deleted."),
    1077: (400, "Duplicate system column type: {0}."),
    1079: (400, "Column type {0} is not supported for system column type {1}."),
    1083: (400, "Auto number formatting cannot be added to a column {0}."),
    1089: (400, "The type specified is only used with System Columns."),
    1075: (400, "The Content-Size provided did not match the file uploaded."),
    1090: (400, "Column.type is required when changing symbol, systemColumnType or options."),
    1092: (403, "You cannot delete this row. Either it or one or more of its children are locked."),
    1100: (400, "Uploading new versions of a discussion comment attachment is not supported."),
    1101: (400, "Uploading new versions of non-FILE type attachments is not supported."),
    1109: (400, "Only one of cell.hyperlink or cell.linkInFromCell may be non-null."),
    1110: (400, "cell.value must be null if cell.linkInFromCell is non-null."),
    1111: (400, "Only one of the ids of cell.hyperlink may be non-null."),
    1112: (400, "hyperlink.url must be null for sheet, report, or Sight hyperlinks."),
    1113: (400, "cell.value must be a string when the cell is a hyperlink."),
    1115: (
        400,
        (
            "Row must contain either cell link updates or row/cell value updates; mixing of both update"
            " types in one API call is not supported."
        ),
    ),
    1117: (400, "One of these fields of cell.hyperlink must be non-null: url, sheetId, reportId."),
    1119: (500, "Unable to complete the request."),
    1122: (405, "Requested URL does not support this method: {0}."),
    1123: (400, "Specifying multiple row locations is not yet supported: all rows need the same one."),
    1124: (415, "Invalid Content-Type header. Media type not supported."),
    1127: (400, "Required multipart part was missing: '{0}'"),
    1128: (400, "Multipart upload size limit exceeded."),
    1130: (400, "One of cell.value or objectValue may be set, but not both."),
    1131: (400, "cell.{0} for column {1} was of the wrong object type. Allowed types: {2}."),
    1133: (400, "Column titles are not unique among input columns."),
    1134: (400, "Duplicate system column type among input columns."),
    1135: (400, "Input column index {0} is different from the first input column index {1}."),
    1137: (400, "Input collection contains multiple instances of the same element."),
    1142: (400, "Column type {0} is reserved for project sheets and cannot be set on a column."),
    1148: (400, "Numeric cell values must be between -9007199254740992 and 9007199254740992."),
    1160: (400, "Invalid bulk request. See detail for more information."),
    1162: (400, "A formula must always start with an equal sign (=)."),
    1163: (
        400,
        (
            "If cell.formula is specified, then value, objectValue, image, hyperlink, and linkInFromCell"
            " must not be specified."
        ),
    ),
    1177: (400, "Arrays may not contain null elements."),
    1210: (400, "Column validation is not supported for column type '{0}'."),
    1212: (403, "You must be a sheet admin to override validation."),
    1255: (400, "Attachment type '{0}' is not supported."),
    1302: (400, "Cannot edit column formula cells."),
    4000: (500, "An unexpected error has occurred. Please contact api@smartsheet.com for assistance."),
    4001: (
        503,
        "Smartsheet.com is currently offline for system maintenance. Please check back again shortly.",
    ),
    4002: (500, "Server timeout exceeded. Request has failed."),
    4003: (429, "Rate limit exceeded."),
    4004: (500, "An unexpected error has occurred. Please retry your request."),
    4005: (410, "API version retired."),
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
