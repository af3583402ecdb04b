"""The stand-in of every test in this folder."""

from dsr_pipeline_tests.standin import certificate, stand_in, stand_in_factory

__all__ = ["certificate", "stand_in", "stand_in_factory"]
