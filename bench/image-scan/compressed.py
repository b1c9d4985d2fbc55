#!/usr/bin/env python3
"""Writes an OCI layout of about 10.6 GB in 40 layers of gzip and zstd, some 180,000 text files, a dpkg database of 200,000 files and one
random file of 60 MiB; it takes 1.4 GB on the disk. Usage: compressed.py FOLDER [LAYERS [BYTES OF EACH LAYER]]."""

import hashlib
import io
import json
import os
import random
import subprocess
import sys
import tarfile

FOLDER = sys.argv[1]
LAYERS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
LAYER_BYTES = int(sys.argv[3]) if len(sys.argv) > 3 else 260_000_000
BLOBS = os.path.join(FOLDER, "blobs/sha256")
MEDIA = "application/vnd.oci.image."
ENDINGS = ["txt", "js", "py", "json", "md", "c"]

random.seed(7)


def text(size):
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(random.choices(letters, k=random.randint(2, 10))) for _ in range(5000)]
    lines = io.StringIO()
    while lines.tell() < size:
        lines.write(" ".join(random.choices(words, k=12)) + "\n")
    return lines.getvalue().encode()


# Zstandard finds what is a MiB back again, gzip does not: few bytes on the disk, and a ratio below the limit.
LARGEST = 1_500_000
POOL = text(1 << 20) * 2


class Hashed:
    """Passes bytes on and hashes them."""

    def __init__(self, out):
        self.out, self.hash, self.count = out, hashlib.sha256(), 0

    def write(self, data):
        self.hash.update(data)
        self.count += len(data)
        return self.out.write(data)


def add(layer, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    layer.addfile(info, io.BytesIO(data))


def packaged(package, number):
    return f"usr/share/package-number-{package}/some/folder/file-{package}-{number}.txt"


def write_system(layer):
    add(layer, "etc/os-release", b'ID=debian\nVERSION_ID="13"\n')
    status = ""
    for package in range(2000):
        status += f"Package: pkg{package}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.{package}-1\n\n"
        names = [packaged(package, number) for number in range(100)]
        info = f"var/lib/dpkg/info/pkg{package}"
        add(layer, f"{info}.list", "".join(f"/{name}\n" for name in names).encode())
        add(layer, f"{info}.md5sums", "".join(f"{'0' * 32}  {name}\n" for name in names).encode())
    add(layer, "var/lib/dpkg/status", status.encode())


def write_files(layer, number):
    size = count = 0
    while size < LAYER_BYTES:
        most = random.choices([2_000, 20_000, 150_000, LARGEST], weights=[50, 30, 17, 3])[0]
        length = random.randint(most // 2, most)
        start = random.randrange(len(POOL) - length)
        name = f"srv/layer{number}/folder{count // 500}/file{count}.{random.choice(ENDINGS)}"
        if number < 2:
            name = packaged(count // 100, count % 100)
        add(layer, name, b"# file %d of %d\n" % (count, number) + POOL[start : start + length])
        size, count = size + length, count + 1


def write_layer(number):
    """Returns the descriptor and the digest of the content."""
    is_gzip = number in (0, 10)
    command = ["gzip", "-1", "-n"] if is_gzip else ["zstd", "-q", "-3", "-T1"]
    path = os.path.join(FOLDER, "layer")
    with open(path, "wb") as out:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out) as packer:
            content = Hashed(packer.stdin)
            with tarfile.open(fileobj=content, mode="w|", bufsize=1 << 20) as layer:
                if number == 0:
                    write_system(layer)
                write_files(layer, number)
                if number == 0:
                    add(layer, "opt/large.bin", random.randbytes(60 << 20))
            packer.stdin.close()
    with open(path, "rb") as stored:
        digest = hashlib.file_digest(stored, "sha256").hexdigest()
    size = os.path.getsize(path)
    os.rename(path, os.path.join(BLOBS, digest))
    media = f"{MEDIA}layer.v1.tar+{'gzip' if is_gzip else 'zstd'}"
    return {"mediaType": media, "digest": f"sha256:{digest}", "size": size}, f"sha256:{content.hash.hexdigest()}"


def write_blob(kind, document):
    data = json.dumps(document).encode()
    digest = hashlib.sha256(data).hexdigest()
    with open(os.path.join(BLOBS, digest), "wb") as out:
        out.write(data)
    return {"mediaType": MEDIA + kind, "digest": f"sha256:{digest}", "size": len(data)}


def main():
    os.makedirs(BLOBS)
    layers, digests = zip(*(write_layer(number) for number in range(LAYERS)))
    rootfs = {"type": "layers", "diff_ids": digests}
    config = write_blob("config.v1+json", {"os": "linux", "config": {"User": "app"}, "rootfs": rootfs})
    manifest = write_blob("manifest.v1+json", {"schemaVersion": 2, "config": config, "layers": layers})
    with open(os.path.join(FOLDER, "index.json"), "w") as out:
        json.dump({"schemaVersion": 2, "manifests": [manifest]}, out)
    with open(os.path.join(FOLDER, "oci-layout"), "w") as out:
        out.write('{"imageLayoutVersion":"1.0.0"}')


main()
