"""Tests of the Smartsheet room."""
