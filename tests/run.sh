#!/usr/bin/env bash
# Sets up a virtual environment of its own, then formats, lints, types and tests.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.venv-test
python3.11 -m venv "$venv" 2>/dev/null || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -e '.[dev,train]'
"$venv/bin/ruff" format --check .
"$venv/bin/ruff" check .
"$venv/bin/mypy"
"$venv/bin/python" -Im pytest -q
