#!/bin/sh
# Builds style sheets and scripts from frontend/. Without Node the pages keep working, unstyled: said, not hidden.
set -eu
cd "$(dirname "$0")/.."

[ -f frontend/package.json ] || { echo "No frontend in this checkout: nothing to build."; exit 0; }
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "Node 20 and npm are missing, so style sheets and scripts cannot be built." >&2
    echo "On Debian and Ubuntu: apt-get install nodejs npm" >&2
    exit "${ASSETS_OPTIONAL:-1}"
fi
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 18 ] || { echo "Node $major is too old: 18 or later is needed." >&2; exit 1; }
cd frontend
npm ci --no-audit --no-fund --loglevel=error
node build.mjs
