#!/bin/sh
# Gets a Chromium for the stories told in a real browser, from the distribution, where we may install.
# Never fails: without a browser those tests are skipped, and the test report says so in red.
set -u

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && exit 0
done
[ -n "${CHROMIUM:-}" ] && [ -x "$CHROMIUM" ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "No Chromium here, and no apt-get to install it: browser tests will be skipped." >&2
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "No Chromium here, and we may not install it: browser tests will be skipped." >&2
    exit 0
fi
echo "Installing Chromium for the browser tests ..."
install() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-core >/dev/null; }
install 2>/dev/null || { $as_root apt-get update -qq && install; } ||
    echo "Chromium could not be installed: browser tests will be skipped." >&2
exit 0
