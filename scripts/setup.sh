#!/usr/bin/env bash
# Installs what the build and the tests need and nothing that is already there. Installs nothing globally but
# system packages. Takes under two seconds when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
    build-essential pkg-config mold curl                                         # to build
    libwebkit2gtk-4.1-dev libsoup-3.0-dev librsvg2-dev libayatana-appindicator3-dev  # the window
    xdg-utils libglib2.0-bin gnome-keyring dbus dbus-x11                         # a session: browser, secrets, bus
    xvfb openbox webkit2gtk-driver chromium chromium-driver imagemagick fonts-inter  # to test the window and the login
    postgresql                                                                   # the second store engine
    cvc5                                                                         # proves things about policies; the programs run without it
    python3-venv                                                                 # what tests run: the tester of the API, the Orcheo CLI
)

say() { printf 'setup: %s\n' "$*" >&2; }

system_packages() {
    if ! command -v dpkg-query > /dev/null; then
        say "this is not a Debian system. Please bring yourself what these Debian packages hold: ${packages[*]}"
        return
    fi
    local missing=() as_root=()
    mapfile -t missing < <(comm -23 <(printf '%s\n' "${packages[@]}" | sort) \
        <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2> /dev/null | sed -n 's/^installed //p' | sort))
    [[ ${#missing[@]} -gt 0 ]] || return 0
    if [[ $(id -u) -ne 0 ]]; then
        command -v sudo > /dev/null || { say "not root and no sudo: please install ${missing[*]}"; exit 1; }
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" > /dev/null
}

rust_components() {
    { cargo fmt --version && cargo clippy --version; } > /dev/null 2>&1 || rustup component add rustfmt clippy
}

ui_packages() {
    [[ -f ui/package-lock.json ]] || { say "ui/package-lock.json is missing: this is not a whole copy"; exit 1; }
    [[ ui/package-lock.json -nt ui/node_modules/.package-lock.json ]] || return 0
    say "installing the UI's packages"
    (cd ui && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    touch ui/node_modules/.package-lock.json
}

system_packages
rust_components
ui_packages
