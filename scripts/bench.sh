#!/usr/bin/env bash
# Runs every benchmark of the workspace, found by asking cargo, against the release build of the program.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --workspace --release --bin countersign
export COUNTERSIGN_PROGRAM=$CARGO_TARGET_DIR/release/countersign
benches=$(cargo metadata --no-deps --format-version 1 | node -e '
    const { packages } = JSON.parse(require("node:fs").readFileSync(0));
    for (const { targets } of packages)
        for (const target of targets) if (target.kind.includes("bench")) console.log(target.name);')
while read -r bench; do
    cargo bench --workspace --bench "$bench"
done <<< "$benches"
# Other policy engines on the same workload: a package outside the workspace.
cargo run --release --locked --manifest-path tests/engines/Cargo.toml
