"""Tests of dsr_pipeline, in the same rooms as the package; scenarios/, ui/ and perf/ stand beside them."""
