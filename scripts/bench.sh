#!/usr/bin/env bash
# Runs every benchmark of the workspace, found by asking cargo.
set -euo pipefail
cd "$(dirname "$0")/.."

benches=$(cargo metadata --no-deps --format-version 1 | node -e '
    const { packages } = JSON.parse(require("node:fs").readFileSync(0));
    for (const { name, targets } of packages)
        for (const target of targets) if (target.kind.includes("bench")) console.log(name, target.name);')
[[ -n $benches ]] || { echo "there are no benchmarks yet"; exit 0; }
while read -r package bench; do
    cargo bench --package "$package" --bench "$bench"
done <<< "$benches"
