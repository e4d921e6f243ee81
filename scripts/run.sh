#!/usr/bin/env bash
# Starts the console that `make build` made. Where there is no display it brings one, with a window manager, a
# session bus and an unlocked keyring of its own, and keeps a picture of the window up to date. Ends with the window,
# or on Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."
desktop=${CARGO_TARGET_DIR:?is set by the Makefile}/debug/countersign-desktop

if [[ -n ${DISPLAY:-} || -n ${WAYLAND_DISPLAY:-} || $(uname) != Linux ]]; then
    exec "$desktop" "$@"
fi

picture=$PWD/tests/artifacts/run.png
scratch=$(mktemp -d)
mkdir -p "$(dirname "$picture")"
groups=()
stop() {
    trap - EXIT INT TERM
    # The console first, so that it can end in good order; then what it stood on.
    for (( i = ${#groups[@]} - 1; i >= 0; i-- )); do
        kill -- "-${groups[i]}" 2> /dev/null || true
        wait "${groups[i]}" 2> /dev/null || true
    done
    rm -rf "$scratch"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkfifo "$scratch/display"
setsid Xvfb -displayfd 3 -screen 0 1440x900x24 -nolisten tcp 3> "$scratch/display" 2> /dev/null &
groups+=($!)
read -r number < "$scratch/display"
export DISPLAY=:$number NO_AT_BRIDGE=1

setsid openbox --sm-disable > /dev/null 2>&1 &
groups+=($!)

# The keyring lies apart from a desktop's own, whose password nobody could type here.
keyring=${XDG_DATA_HOME:-$HOME/.local/share}/countersign-virtual-session
mkdir -p "$keyring" && chmod 700 "$keyring"
setsid dbus-run-session --config-file=scripts/session-bus.conf -- bash -c '
    printf countersign | XDG_DATA_HOME=$1 gnome-keyring-daemon --unlock --components=secrets > /dev/null
    shift && exec "$@"' session "$keyring" "$desktop" "$@" &
console=$!
groups+=("$console")

echo "There is no display here: the console runs on the virtual display $DISPLAY."
pause=0.2
while kill -0 "$console" 2> /dev/null; do
    # A blank screen has one or two colours.
    if import -window root "$scratch/window.png" 2> /dev/null && (( $(identify -format %k "$scratch/window.png") > 8 )); then
        mv "$scratch/window.png" "$picture"
        [[ $pause == 2 ]] || echo "A picture of its window, taken every two seconds: $picture. Ctrl-C ends it."
        pause=2
    fi
    sleep "$pause"
done
wait "$console"
