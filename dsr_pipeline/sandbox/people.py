"""The users of the stand-in, and the endpoint that says who asks.

Called through `ROUTES`, and by what shows who changed something.
"""

import sqlite3

from dsr_pipeline.sandbox.answers import Answer, Call, Route, User
from dsr_pipeline.sandbox.params import words

ACCOUNT = {"id": 1_000_000_000_000_001, "name": "Stand-in"}


def people_of(connection: sqlite3.Connection) -> dict[int, User]:
    """All users by id: a world has some dozens."""
    found = connection.execute("SELECT id, email, first_name, last_name FROM users").fetchall()
    return {row["id"]: User(row["id"], row["email"], row["first_name"], row["last_name"]) for row in found}


def me(call: Call) -> Answer:
    """GET /users/me."""
    user = call.user
    sent = {"id": user.id, "email": user.email, "firstName": user.first_name, "lastName": user.last_name}
    return Answer({**sent, "locale": "en_US", "timeZone": "US/Central", "account": ACCOUNT})


# There are no groups, so that `include=groups` has nothing to add.
ROUTES = [Route("/users/me", "GET", me, {"include": words("groups")})]
