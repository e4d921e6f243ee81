#!/usr/bin/env bash
# Runs a property-based tester (schemathesis) on a control plane that runs, by its own description:
# COUNTERSIGN_TOKEN=… scripts/openapi-tester.sh http://127.0.0.1:4711/api/openapi.json
# Installs the tester in a virtual environment of its own when it is not there.
set -euo pipefail
cd "$(dirname "$0")"

version=4.32.5
home=${XDG_CACHE_HOME:-$HOME/.cache}/countersign/venv
: "${COUNTERSIGN_TOKEN:?a credential to test with}"

say() { printf 'openapi-tester: %s\n' "$*" >&2; }

install() {
    say "installing schemathesis $version in $home"
    python3 -m venv --clear "$home" || { say "python3 cannot make a virtual environment: make setup installs python3-venv"; exit 1; }
    "$home/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version" >&2
    echo "$version" > "$home/.schemathesis"
}

mkdir -p "$home"
# Two tests may come here at once: one installs, the other waits.
exec 9> "$home.lock"
flock 9
[[ $(cat "$home/.schemathesis" 2> /dev/null) == "$version" ]] || install
flock -u 9

# Nothing that it notes down is kept: each run is the same.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
config=$PWD/openapi-tester.toml
cd "$work"
"$home/bin/schemathesis" --no-color --config-file "$config" run "${1:?the address of the description}"
