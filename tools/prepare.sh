#!/bin/sh
# Makes the environment in .venv: `prepare.sh run` for looking around, `prepare.sh dev` for changing and checking too.
# Needs only Python 3.11 or later with its venv module; everything else is fetched, each file checked by its hash.
set -eu
cd "$(dirname "$0")/.."
wanted=${1:-dev}

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            command -v "$name"
            return
        fi
    done
    die "Firstbell needs Python 3.11 or later. On Debian 12 and Ubuntu 24.04: apt-get install python3 python3-venv"
}

if [ ! -x .venv/bin/uv ]; then
    python=$(find_python)
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        die "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"
    say "Making the environment in .venv ..."
    "$python" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
fi

case $wanted in
    run) locked=requirements/base.txt ;;
    dev) locked=requirements/dev.txt ;;
    *) die "Say 'run' or 'dev'." ;;
esac
say "Installing $locked ..."
.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r "$locked" ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$locked"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --no-index --editable .

grep -q FIRSTBELL_MODE .venv/bin/activate || cat >>.venv/bin/activate <<'ACTIVATE'
export DJANGO_SETTINGS_MODULE=firstbell.settings FIRSTBELL_MODE=${FIRSTBELL_MODE:-development}
ACTIVATE
