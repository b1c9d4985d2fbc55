//! Independent judges, in Python's standard library: what they believe comes from the specifications, not from our code.

use std::path::Path;

use palisade_testkit::{Answer, python};

/// Takes the evidence of `artifact` in `folder` apart by DSSE, in-toto Statement v1, C2SP tlog-proof and RFC 6962. Leaves `N.pae` and
/// `N.sig` for each statement, `checkpoint.txt` and `checkpoint.sig`, and `log.der` from the keys, for openssl to judge. Prints one JSON document.
const EVIDENCE: &str = r#"
import base64, hashlib, json, sys
artifact, keys = sys.argv[1:3]
sha = lambda data: hashlib.sha256(data).digest()
digest = sha(open(artifact, "rb").read()).hex()
types, envelopes = [], []
for number, line in enumerate(open(artifact + ".intoto.jsonl", "rb")):
    envelope = json.loads(line)
    assert envelope["payloadType"] == "application/vnd.in-toto+json", envelope["payloadType"]
    payload = base64.b64decode(envelope["payload"], validate=True)
    kind = envelope["payloadType"].encode()
    pae = b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])
    open("%d.pae" % number, "wb").write(pae)
    open("%d.sig" % number, "wb").write(base64.b64decode(envelope["signatures"][0]["sig"], validate=True))
    statement = json.loads(payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1", statement["_type"]
    assert digest in [subject["digest"]["sha256"] for subject in statement["subject"]], "another subject"
    types.append(statement["predicateType"])
    envelopes.append("sha256:" + sha(line.rstrip(b"\n")).hex())
head, note = open(artifact + ".tlog-proof", encoding="utf-8").read().split("\n\n", 1)
first, extra, index, *path = head.split("\n")
assert first == "c2sp.org/tlog-proof@v1", first
entry = base64.b64decode(extra.split(" ")[1], validate=True)
text, signature = note.split("\n\n")
open("checkpoint.txt", "w", encoding="utf-8").write(text + "\n")
open("checkpoint.sig", "wb").write(base64.b64decode(signature.split(" ")[2])[4:])
_, size, root = text.split("\n")[:3]
dash, signer, signature = signature.split(" ")
assert dash == "\u2014"
verifier = [line for line in open(keys, encoding="utf-8") if line.startswith(signer + "+")][0]
key = base64.b64decode(verifier.strip().split("+", 2)[2])
assert key[0] == 1 and len(key) == 33
open("log.der", "wb").write(bytes.fromhex("302a300506032b6570032100") + key[1:])
def climb(leaf, node, size, path):
    last, value = size - 1, leaf
    for step in path:
        assert last > 0, "too many hashes"
        if node % 2 or node == last:
            value = sha(b"\1" + step + value)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            value = sha(b"\1" + value + step)
        node, last = node // 2, last // 2
    assert last == 0, "too few hashes"
    return value
leaf = sha(b"\0" + entry)
number = int(index.split(" ")[1])
assert climb(leaf, number, int(size), [base64.b64decode(step) for step in path]) == base64.b64decode(root)
print(json.dumps({"digest": digest, "types": types, "envelopes": envelopes, "entry": json.loads(entry), "index": number, "size": int(size)}))
"#;

pub(crate) fn evidence(folder: &Path, artifact: &str, keys: &Path) -> serde_json::Value {
    python(EVIDENCE, &[artifact, &keys.to_string_lossy()], folder).expect(0).json()
}

/// Recomputes the tree of RFC 6962, section 2.1, from `entries` (JSON lines as `ledger export` writes them, which are the very bytes
/// of the entries), and checks the log proof on standard input's place, `proof`, for the entry at `index`.
const PROOF: &str = r#"
import base64, hashlib, sys
entries, proof, index = open(sys.argv[1], "rb").read().splitlines(), open(sys.argv[2], encoding="utf-8").read(), int(sys.argv[3])
sha = lambda data: hashlib.sha256(data).digest()
def split(count):
    power = 1
    while power * 2 < count:
        power *= 2
    return power
def tree(leaves):
    if len(leaves) == 1:
        return sha(b"\0" + leaves[0])
    half = split(len(leaves))
    return sha(b"\1" + tree(leaves[:half]) + tree(leaves[half:]))
def path(number, leaves):
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if number < half:
        return path(number, leaves[:half]) + [tree(leaves[half:])]
    return path(number - half, leaves[half:]) + [tree(leaves[:half])]
head, note = proof.split("\n\n", 1)
first, *lines = head.split("\n")
assert first == "c2sp.org/tlog-proof@v1", first
fields = [line.split(" ") for line in lines]
extra = [field[1] for field in fields if field[0] == "extra"]
assert [base64.b64decode(text) for text in extra] == [entries[index]], "another entry"
assert ["index", str(index)] in fields
hashes = [base64.b64decode(field[0]) for field in fields if len(field) == 1]
origin, size, root = note.split("\n")[:3]
assert int(size) == len(entries), (size, len(entries))
assert base64.b64decode(root) == tree(entries), "another root"
assert hashes == path(index, entries), "another path"
print("sound")
"#;

pub(crate) fn proof(folder: &Path, entries: &str, proof: &str, index: u64) -> Answer {
    python(PROOF, &[entries, proof, &index.to_string()], folder)
}

/// Validates documents against a JSON Schema with Python's jsonschema.
const SCHEMA: &str = r#"
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(json.load(open(sys.argv[2])))
"#;

pub(crate) fn schema(schema: &Path, document: &Path) -> Answer {
    python(SCHEMA, &[&schema.to_string_lossy(), &document.to_string_lossy()], Path::new("/"))
}
