#!/bin/sh
# Starts `true` COUNT times in our sandbox and in bubblewrap's, and prints wall clock and CPU time of both.
# Usage: run.sh [COUNT]. Needs bwrap and bash; see README.md.
set -eu
count=${1:-200}
cd "$(dirname "$0")/../.."
cargo build --quiet --release --package palisade-sandbox --example start
start=${CARGO_TARGET_DIR:-target}/release/examples/start
root='--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev'
for round in 1 2 3; do
    echo "round $round, $count runs each"
    echo palisade
    NO_TOOLS=1 bash -c 'time "$0" "$1" true > /dev/null' "$start" "$count"
    echo bwrap
    # shellcheck disable=SC2086
    bash -c 'time for _ in $(seq "$0"); do bwrap --unshare-all --die-with-parent --uid 1000 --gid 1000 "$@" true; done' \
        "$count" $root
done
