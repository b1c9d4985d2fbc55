#!/bin/sh
# Pulls from Debian's docker-registry what skopeo has pushed there, without and with a password, and compares the layouts byte by byte.
# Needs the Debian packages docker-registry, skopeo and apache2-utils (for htpasswd), and an image. Usage: run.sh oci:LAYOUT:TAG
set -eu
here=$(cd "$(dirname "$0")" && pwd)
image=$1
folder=$(mktemp -d)
registry=
trap 'if [ -n "$registry" ]; then kill "$registry"; fi; rm -rf "$folder"' EXIT
cd "$here/../.."
cargo build --quiet --package palisade-registry --example pull
program=${CARGO_TARGET_DIR:-target}/debug/examples/pull
port=5917
cat > "$folder/config.yml" << END
version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: $folder/store } }
http: { addr: "127.0.0.1:$port" }
END
if command -v htpasswd > /dev/null; then
    htpasswd -Bbn someone word > "$folder/users"
    printf 'auth: { htpasswd: { realm: here, path: %s/users } }\n' "$folder" >> "$folder/config.yml"
    login='--dest-creds someone:word'
else
    login=
fi
docker-registry serve "$folder/config.yml" > "$folder/log" 2>&1 &
registry=$!
sleep 2
# shellcheck disable=SC2086
skopeo copy --quiet --insecure-policy --dest-tls-verify=false $login "$image" "docker://127.0.0.1:$port/some/app:1"
mkdir "$folder/pulled"
if [ -n "$login" ]; then
    "$program" "127.0.0.1:$port/some/app:1" "$folder/refused" && { echo "pulled without a password" >&2; exit 1; }
    "$program" "127.0.0.1:$port/some/app:1" "$folder/pulled" someone word
else
    "$program" "127.0.0.1:$port/some/app:1" "$folder/pulled"
fi
# skopeo checks every digest while it reads the layout back.
skopeo copy --quiet --insecure-policy "oci:$folder/pulled" "dir:$folder/again"
for blob in "$folder"/pulled/blobs/sha256/*; do
    [ "$(sha256sum < "$blob" | cut -d' ' -f1)" = "$(basename "$blob")" ] || { echo "$blob is broken" >&2; exit 1; }
done
echo "the layout is whole: $(ls "$folder/pulled/blobs/sha256" | wc -l) blobs"
