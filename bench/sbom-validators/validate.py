#!/usr/bin/env python3
"""Holds bills of materials against the validators of their projects: cyclonedx-python-lib (strict JSON schema, and its own reader) and
spdx-tools (reader and full validation). Prints a line for each document that is not valid, then the counts; fails if there is one.

usage: validate.py [--spdx-schema FILE] FOLDER
"""

import argparse
import json
import pathlib
import sys

from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import Draft7Validator
from spdx_tools.spdx.parser.error import SPDXParsingError
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document


def cyclonedx(path, document):
    version = SchemaVersion.from_version(document["specVersion"])
    error = JsonStrictValidator(version).validate_str(path.read_text())
    if error:
        return [f"schema: {str(error)[:400]}"]
    try:
        Bom.from_json(data=document)
    except Exception as error:  # its reader raises whatever its parts raise
        return [f"reader: {type(error).__name__}: {str(error)[:400]}"]
    return []


def spdx(path, document, schema):
    messages = []
    if schema:
        messages += [f"schema: {error.message[:400]}" for error in Draft7Validator(schema).iter_errors(document)]
    try:
        parsed = parse_file(str(path))
    except SPDXParsingError as error:
        return messages + [f"reader: {message[:400]}" for message in error.get_messages()]
    found = validate_full_spdx_document(parsed)
    return messages + [f"validator: {one.validation_message[:400]}" for one in found]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--spdx-schema", type=pathlib.Path)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments = arguments.parse_args()
    schema = json.loads(arguments.spdx_schema.read_text()) if arguments.spdx_schema else None
    counts = {}
    bad = 0
    for path in sorted(arguments.folder.glob("*.json")):
        document = json.loads(path.read_text())
        if document.get("bomFormat") == "CycloneDX":
            kind, messages = f"CycloneDX {document['specVersion']}", cyclonedx(path, document)
        elif "spdxVersion" in document:
            kind, messages = document["spdxVersion"], spdx(path, document, schema)
        else:
            continue
        counts[kind] = counts.get(kind, 0) + 1
        bad += bool(messages)
        for message in messages:
            print(f"{path.name}: {message}")
    for kind, count in sorted(counts.items()):
        print(f"{kind}: {count}")
    print(f"{sum(counts.values())} documents, {bad} not valid")
    if bad or not counts:
        sys.exit(1)


main()
