#!/usr/bin/env bash
# Redraws every icon file from icons/icon.svg and icons/tray.svg. Only whoever changes the drawing runs this;
# the results are committed. Needs librsvg2-bin, imagemagick and icnsutils, which `make setup` does not install.
set -euo pipefail
cd "$(dirname "$0")/../icons"

draw() { rsvg-convert --width "$2" --height "$2" "$1" --output "$3"; }

draw icon.svg 32 32x32.png
draw icon.svg 64 64x64.png
draw icon.svg 128 128x128.png
draw icon.svg 256 128x128@2x.png
draw icon.svg 512 icon.png

# The tray: dark strokes for light panels (and the macOS template), light strokes for dark panels.
draw tray.svg 44 tray-on-light.png
sed 's/color="#000"/color="#fff"/' tray.svg > tray-light.svg
draw tray-light.svg 44 tray-on-dark.png
rm tray-light.svg

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for size in 16 24 32 48 64 128 256 512 1024; do draw icon.svg "$size" "$scratch/$size.png"; done
convert "$scratch"/{16,24,32,48,64,256}.png icon.ico
png2icns icon.icns "$scratch"/{16,32,48,128,256,512,1024}.png > /dev/null
