#!/bin/sh
# Writes the locked requirements from the lists in pyproject.toml. `make lock` updates; review the difference.
set -eu
cd "$(dirname "$0")/.."
compile() {
    .venv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
        --quiet "$@" >/dev/null
}
compile ${UPGRADE:+--upgrade} pyproject.toml --group dev --group bootstrap -o requirements/dev.txt
compile pyproject.toml -c requirements/dev.txt -o requirements/base.txt
compile --group bootstrap -c requirements/dev.txt -o requirements/bootstrap.txt
compile bench/helpdesk/requirements.in -o bench/helpdesk/requirements.txt
