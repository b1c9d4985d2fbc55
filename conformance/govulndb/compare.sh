#!/bin/sh
# Holds our matching of Go modules to the ranges of Go's own database, evaluated with the semver package of the Go project.
#
#     cargo build -p palisade-advisory --example database
#     conformance/govulndb/compare.sh OURS FOLDER
#
# OURS is the built program, FOLDER holds the records. Fails on any difference.
set -eu
ours=$1 folder=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$(dirname "$0")" && go build -o "$scratch/oracle" .)
"$scratch/oracle" lines "$folder" > "$scratch/lines"
"$scratch/oracle" match "$folder" < "$scratch/lines" > "$scratch/theirs"
"$ours" build "$scratch/database" go:Go="$folder"
"$ours" match "$scratch/database" < "$scratch/lines" > "$scratch/ours"
echo "$(wc -l < "$scratch/lines") packages, $(wc -w < "$scratch/theirs") records by the oracle"
paste "$scratch/ours" "$scratch/theirs" "$scratch/lines" | awk -F '\t' '
    $1 != $2 { different++; if (different <= 20) print }
    END { print different + 0, "different"; exit different > 0 }'
