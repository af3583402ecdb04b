"""A stand-in of the Smartsheet API 2.0 on the loopback interface, and the worlds that it is filled with.

For demos, tests and people without an account. It imports no domain room; `README.md` beside this file says
which behaviour is documented, observed or guessed.
"""
