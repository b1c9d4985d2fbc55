#!/bin/sh
# Builds a Debian image of about 160 MB with mmdebstrap and umoci, reads it with the example `packages`, compares the packages with what
# dpkg-query says, and tells CPU time and peak memory; those of syft too, when it is installed. Then the same for an image of 10 GB that
# is made up of many files. Needs root or user namespaces, a network for mmdebstrap, and the Debian packages mmdebstrap, umoci, skopeo
# and time.
# Usage: run.sh [FOLDER], where an image of an earlier run is used again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$(mktemp -d)}
mkdir -p "$folder"
cd "$here/../.."
cargo build --quiet --release --package palisade-image --example packages
program=${CARGO_TARGET_DIR:-target}/release/examples/packages
cd "$folder"
if [ ! -e layout ]; then
    mmdebstrap --quiet --variant=minbase bookworm root.tar
    umoci init --layout layout
    umoci new --image layout:debian
    umoci raw add-layer --image layout:debian root.tar
    skopeo copy --quiet --insecure-policy oci:layout:debian docker-archive:docker.tar:debian:test
    mkdir -p admin && tar -C admin -xf root.tar ./var/lib/dpkg
fi
dpkg-query --admindir=admin/var/lib/dpkg -W -f '${Package}\t${Version}\t${Architecture}\n' | LC_ALL=C sort > expected
for image in layout docker.tar; do
    for what in '' all; do
        # shellcheck disable=SC2086
        /usr/bin/time -f "$image $what: %U + %S s, %M KiB" "$program" "$image" $what > found 2> told || { cat told; exit 1; }
        tail -n 1 told
        LC_ALL=C sort found | diff expected - || { echo "$image: other packages than dpkg-query lists" >&2; exit 1; }
    done
done
if command -v syft > /dev/null; then
    /usr/bin/time -f 'syft: %U + %S s, %M KiB' syft scan --quiet oci-dir:layout -o json > syft.json
fi
[ -e large.tar ] || python3 "$here/large.py" large.tar
/usr/bin/time -f 'large.tar: %U + %S s, %M KiB' "$program" large.tar > found 2> told || { cat told; exit 1; }
cat told
