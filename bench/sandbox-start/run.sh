#!/bin/sh
# Builds the example `start` and compares it with bubblewrap: see README.md, and compare.py for the options it takes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
cargo build --quiet --release --package palisade-sandbox --example start
exec python3 "$here/compare.py" "$@"
