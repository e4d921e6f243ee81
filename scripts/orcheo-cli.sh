#!/usr/bin/env bash
# Prints where the real Orcheo CLI is, which the conformance tests run unchanged against the control plane. When it is
# missing, installs it from PyPI into the cache folder, every file pinned by hash. Takes no time when it is there.
set -euo pipefail
version=${1:-0.8.0}
wanted=$(dirname "$0")/orcheo-cli-$version.txt
folder=${XDG_CACHE_HOME:-$HOME/.cache}/countersign/orcheo-$version
installed=$folder/installed.txt

# Orcheo asks for Python 3.12 or newer. `venv` without `ensurepip` is what Debian has before python3-venv is installed.
newer_python() {
    local python
    for python in python3 python3.{12,13,14} "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-4].*/bin/python3; do
        if "$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 12))' 2> /dev/null; then
            printf '%s\n' "$python"
            return
        fi
    done
    return 1
}

# Debian 12 has Python 3.11. There, two declarations do not parse: `class WorkflowNode[ConfigT: BaseModel](ABC)` and
# `def load_with_cache[T](`. Their type parameters are for a type checker; without them the rest parses as it is.
erase_type_parameters() {
    find "$folder"/lib/python3.11/site-packages/orcheo_sdk -name '*.py' \
        -exec sed -i -E 's/^(class|def) (\w+)\[[^]]+\]\(/\1 \2(/' {} +
}

install() {
    local python type_parameters=read
    printf 'orcheo-cli: installing orcheo-sdk %s into %s\n' "$version" "$folder" >&2
    python=$(newer_python) || { python=python3 type_parameters=erased; }
    rm -rf "$folder"
    "$python" -m venv "$folder"
    "$folder"/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
        --ignore-requires-python --requirement "$wanted" >&2
    [[ $type_parameters == read ]] || erase_type_parameters
    cp "$wanted" "$installed"
}

if ! cmp -s "$wanted" "$installed"; then
    mkdir -p "$(dirname "$folder")"
    exec 9> "$folder.lock"
    flock 9
    cmp -s "$wanted" "$installed" || install
fi
printf '%s\n' "$folder/bin/orcheo"
