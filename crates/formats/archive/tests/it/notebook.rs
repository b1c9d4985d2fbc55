use crate::peer::{open, python};

#[test]
fn cells_and_outputs_are_freed_from_json() {
    let notebook = python(
        "import json\nn = {'nbformat': 4, 'nbformat_minor': 5, 'metadata': {'a': 'b'}, 'cells': [\n \
         {'cell_type': 'markdown', 'metadata': {}, 'source': ['# T\\n', 'say \"hi\"']},\n \
         {'cell_type': 'code', 'metadata': {}, 'execution_count': 1, 'source': 'x = \"a/b\\\\n\"', 'outputs': [\n  \
          {'output_type': 'stream', 'name': 'stdout', 'text': ['one\\n', 'two\\n']},\n  \
          {'output_type': 'display_data', 'metadata': {}, 'data': {'text/plain': ['half', '-whole'], 'image/png': 'iVBO',\n   \
           'application/json': {'user': {'password': 'word'}}}},\n  \
          {'output_type': 'error', 'ename': 'E', 'evalue': 'v', 'traceback': ['first', 'second']}]},\n \
         {'cell_type': 'code', 'metadata': {}, 'source': [], 'outputs': []}]}\n\
         out.write(json.dumps(n, indent=1, sort_keys=True).encode())",
    );
    let opened = open("n.ipynb", &notebook);
    assert_eq!(opened.troubles, []);
    assert_eq!(opened.text("cell-1/source"), "# T\nsay \"hi\"");
    assert_eq!(opened.text("cell-2/source"), "x = \"a/b\\n\"");
    assert_eq!(opened.text("cell-2/output-1"), "stdout\none\ntwo\n");
    assert_eq!(opened.text("cell-2/output-2"), "user = \npassword = word\nhalf-whole");
    assert_eq!(opened.text("cell-2/output-3"), "E\nv\nfirst\nsecond\n");
    assert_eq!(opened.files.len(), 5);
}

#[test]
fn worksheets_of_version_3_are_read() {
    let notebook = br#"{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["a\n", "b"],
        "outputs": [{"output_type": "pyout", "text": ["\u0041"], "png": "iVBO"}]}]}, {"cells": [{"source": "c"}]}]}"#;
    let opened = open("n.ipynb", notebook);
    assert_eq!(opened.text("cell-1/source"), "a\nb");
    assert_eq!(opened.text("cell-1/output-1"), "A");
    assert_eq!(opened.text("cell-2/source"), "c");
}

#[test]
fn what_is_no_notebook_has_no_members_and_no_trouble() {
    for text in ["{", "{}", "{\"cells\": 5}", "{\"cells\": [[]]}", "{\"cells\": [{\"source\": ", "{]"] {
        let opened = open("n.ipynb", text.as_bytes());
        assert_eq!((opened.files.len(), opened.troubles.len()), (0, 0), "{text}");
    }
    let deep = format!("{{\"cells\": [{{\"source\": {}", "[".repeat(100_000));
    assert_eq!(open("n.ipynb", deep.as_bytes()).troubles, []);
}
