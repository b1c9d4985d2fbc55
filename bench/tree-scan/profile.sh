#!/bin/sh
# Shows where `palisade scan PATH` spends its CPU time, worker included. Usage: profile.sh PROGRAM PATH. Needs perf(1), and leave to use it.
set -eu
[ $# -eq 2 ] || { echo "usage: profile.sh PROGRAM PATH" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
code=0
perf record -q -e cpu-clock -F 1999 -g -o "$folder/perf.data" "$1" scan --format json "$2" > "$folder/result.json" || code=$?
# Denied is 1, gaps are 3: the scan was done.
case $code in 0|1|3) ;; *) echo "the scan failed: exit code $code" >&2; exit 1 ;; esac
for mode in --no-children --children; do
    echo "== $mode"
    perf report -i "$folder/perf.data" --stdio $mode -g none -s symbol 2> "$folder/words" | grep -v -e '^#' -e '^$' | head -n 40
done
