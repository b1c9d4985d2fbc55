"""Package URLs as names and versions of the ecosystems that they speak of."""
import urllib.parse

# Types whose namespace is a distribution or nothing that a name has.
BARE = ("deb", "alpine", "rpm", "conan", "conda", "pypi", "gem", "cargo", "nuget")


def pair(purl):
    """Name and version; an empty version where there is none."""
    kind, _, rest = purl.removeprefix("pkg:").split("#")[0].split("?")[0].partition("/")
    path, at, version = rest.rpartition("@")
    if not at:
        path, version = rest, ""
    return name_of(kind, *map(urllib.parse.unquote, reversed([*reversed(path.rsplit("/", 1)), ""][:2]))), urllib.parse.unquote(version)


def name_of(kind, namespace, name):
    if not namespace or kind in BARE:
        return name
    return namespace + (":" if kind == "maven" else "/") + name
