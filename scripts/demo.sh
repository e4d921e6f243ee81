#!/usr/bin/env bash
# The console as on the first day: an empty data folder, a profile of its own, thrown away at the end.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$(dirname "$0")/run.sh" --profile demo --data-dir "$folder"
