"""Installs the system programs that tests name with `needs_program(...)` and that are missing here.

Called by `make system`. Only where root and apt-get are there; elsewhere it says what is missing, and the
tests that need it are skipped by name. Standard library only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "dsr_pipeline_tests"
NAMED = re.compile(r"needs_program\(\s*((?:\"[a-z0-9_-]+\"\s*,?\s*)+)\)")


def main() -> int:
    """Install what is missing; 0 also where that is not possible, because tests report it themselves."""
    programs = tomllib.loads((ROOT / ".ci" / "programs.toml").read_text(encoding="utf-8"))
    named = named_by_tests()
    if unknown := sorted(named - programs.keys()):
        print(f"system: not in .ci/programs.toml: {', '.join(unknown)}", file=sys.stderr)
        return 2
    missing = [name for name in sorted(named) if not any(map(shutil.which, programs[name]["commands"]))]
    if not missing:
        print("system: every program that tests name is here")
        return 0
    packages = sorted({package for name in missing for package in programs[name]["apt"]})
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        print(f"system: missing {', '.join(missing)}: tests that need them will be skipped by name")
        print(f"system: on Debian or Ubuntu: sudo apt-get install {' '.join(packages)}")
        return 0
    print(f"system: installing {' '.join(packages)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run([apt, *command], env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            print(f"system: apt-get {command[0]} failed: {', '.join(missing)} stay missing", file=sys.stderr)
            break
    return 0


def named_by_tests() -> set[str]:
    """The programs that any test file names, literally."""
    texts = (path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    return {
        name for text in texts for found in NAMED.findall(text) for name in re.findall(r"[a-z0-9_-]+", found)
    }


if __name__ == "__main__":
    sys.exit(main())
