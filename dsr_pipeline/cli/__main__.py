"""`python -m dsr_pipeline.cli` is `dsr`."""

import sys

from dsr_pipeline.cli import main

sys.exit(main())
