#!/usr/bin/env python3
"""Writes a Docker archive of 10 GB: 20 layers, 400,000 files in deep folders. Usage: large.py FILE [BYTES OF EACH FILE]."""

import hashlib
import io
import json
import sys
import tarfile

LAYERS, FILES = 20, 20_000
FILE_BYTES = int(sys.argv[2]) if len(sys.argv) > 2 else 25_000


class Counted:
    """Passes bytes on and hashes them."""

    def __init__(self, out):
        self.out, self.hash, self.count = out, hashlib.sha256(), 0

    def write(self, data):
        self.hash.update(data)
        self.count += len(data)
        return self.out.write(data)


def write_layer(out, number):
    content = bytes(range(256)) * (FILE_BYTES // 256)
    with tarfile.open(fileobj=out, mode="w|", bufsize=1 << 20) as layer:
        for index in range(FILES):
            name = f"opt/application/layer{number}/node_modules/package{index // 50}/lib/part{index % 7}/file{index}.js"
            info = tarfile.TarInfo(name)
            info.size = len(content)
            layer.addfile(info, io.BytesIO(content))


def main():
    with open(sys.argv[1], "wb") as out:
        digests, names = [], []
        for number in range(LAYERS):
            header = out.tell()
            out.write(bytes(512))
            counted = Counted(out)
            write_layer(counted, number)
            end = out.tell()
            info = tarfile.TarInfo(f"{number}/layer.tar")
            info.size = counted.count
            out.seek(header)
            out.write(info.tobuf(tarfile.GNU_FORMAT))
            out.seek(end)
            out.write(bytes(-counted.count % 512))
            digests.append(f"sha256:{counted.hash.hexdigest()}")
            names.append(info.name)
        config = json.dumps({"rootfs": {"diff_ids": digests}, "config": {"User": "app"}}).encode()
        name = f"{hashlib.sha256(config).hexdigest()}.json"
        manifest = json.dumps([{"Config": name, "RepoTags": ["large:1"], "Layers": names}]).encode()
        for member, content in [(name, config), ("manifest.json", manifest)]:
            info = tarfile.TarInfo(member)
            info.size = len(content)
            out.write(info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512))
        out.write(bytes(1024))


main()
