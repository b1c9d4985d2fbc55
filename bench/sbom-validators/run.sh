#!/bin/sh
# Writes our documents and holds them against the validators: run.sh [--spdx-schema FILE] [DOCUMENT...]. Needs python3 with venv, and PyPI once.
set -eu
cd "$(dirname "$0")/../.."
schema=
if [ "${1:-}" = --spdx-schema ]; then
    schema="--spdx-schema $2"
    shift 2
fi
target=$(cargo metadata --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
work=$target/sbom-validators
if [ ! -x "$work/venv/bin/python" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet 'cyclonedx-python-lib[json-validation]' spdx-tools jsonschema
fi
rm -rf "$work/documents"
cargo run --quiet -p palisade-sbom --example documents -- "$work/documents" "$@"
# shellcheck disable=SC2086
"$work/venv/bin/python" bench/sbom-validators/validate.py $schema "$work/documents"
