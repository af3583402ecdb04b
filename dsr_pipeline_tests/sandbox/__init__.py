"""Tests of the Smartsheet stand-in, over real sockets."""
