//! Outputs that are missing, odd, or in the way.

use std::fs;

use super::site::Site;

/// A pipeline of one job that leaves `outputs`, all of them artifacts.
fn leaving(script: &str, outputs: &str) -> Site {
    let script = script.replace('\n', "\n          ");
    Site::new(&format!(
        "version: 1\nname: outputs\njobs:\n  build:\n    steps:\n      - name: it\n        run: |\n          {script}\n    \
         outputs: [{outputs}]\nrelease:\n  artifacts: [{outputs}]\n"
    ))
}

#[test]
fn what_is_no_plain_file_is_refused() {
    let cases = [
        ("true", "missing.txt", "matches no file"),
        ("ln -s /etc/passwd out", "out", "symbolic link"),
        // Not even made: the sandbox refuses it.
        ("echo x > out; chmod u+s out", "out", "Operation not permitted"),
        ("mkfifo out", "out", "special"),
        ("mkdir d; ln -s /etc d/etc; echo x > d/x", "d", "symbolic link"),
    ];
    for (script, outputs, said) in cases {
        let site = leaving(script, outputs);
        site.call(&["run"]).expect(1).says(said).says("Nothing was released");
        assert!(site.releases().is_empty(), "{script}");
        site.assert_clean();
        site.assert_sound();
    }
}

#[test]
fn odd_names_and_empty_files_are_released() {
    let script = "mkdir d; : > 'd/empty'; echo 1 > 'd/with space'; echo 2 > \"d/$(printf 'new\\nline')\"; echo 3 > 'd/Größe✓'; \
                  echo 4 > \"d/$(printf 'esc\\033[31m')\"; echo 5 > d/-rf";
    let site = leaving(script, "d");
    let done = site.call(&["run"]).expect(0);
    assert!(!done.bytes.contains(&0x1b), "an escape reached the terminal: {done}");
    assert!(!done.stdout.contains("new\nline"), "{done}");
    let [release] = site.releases().try_into().unwrap();
    let mut found: Vec<_> =
        fs::read_dir(release.join("d")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    found.retain(|name| {
        let name = name.to_str().unwrap();
        !name.ends_with(".intoto.jsonl") && !name.ends_with(".tlog-proof")
    });
    found.sort();
    assert_eq!(found, ["-rf", "Größe✓", "empty", "esc\u{1b}[31m", "new\nline", "with space"]);
    site.assert_sound();
}

/// What a job's `outputs` mean, `release.artifacts` mean too, also when they are taken over because it is not there.
#[test]
fn folders_are_released_and_nothing_is_not() {
    let site = leaving("mkdir d; echo 1 > d/one", "d/");
    let without = String::from_utf8(site.project.read("palisade.yaml")).unwrap();
    let (without, _) = without.split_once("release:").unwrap();
    for artifacts in [
        "",
        "release:\n  artifacts: [d]\n",
        "release:\n  artifacts: [./d/]\n",
        "release:\n  artifacts: ['d/*']\n",
    ] {
        site.project.write("palisade.yaml", format!("{without}{artifacts}"));
        let before = site.releases();
        site.call(&["run"]).expect(0);
        let release = site.releases().into_iter().find(|release| !before.contains(release)).unwrap();
        assert_eq!(fs::read(release.join("d/one")).unwrap(), b"1\n", "{artifacts}");
    }
    site.project.write("palisade.yaml", format!("{without}release:\n  artifacts: [d, nope]\n"));
    site.call(&["run"]).expect(2).says("`nope` in release.artifacts matches no output");
    assert_eq!(site.releases().len(), 4);
}

#[test]
fn names_that_are_not_utf8_are_refused() {
    let site = leaving("mkdir d; echo x > \"d/$(printf 'a\\377')\"", "d");
    site.call(&["run"]).expect(1).says("not UTF-8").says("\\xff");
    site.assert_clean();
}

#[test]
fn names_that_a_release_needs_itself_are_refused() {
    for name in ["manifest.json", "plan.json", "app.intoto.jsonl", "d/app.tlog-proof"] {
        let site = leaving(&format!("mkdir d; echo x > {name}"), name);
        site.call(&["run"]).expect(2).says(name).says("a release has a file of that name itself");
        assert!(site.releases().is_empty());
        site.assert_clean();
    }
}

#[test]
fn two_jobs_must_agree() {
    let pipeline = |one: &str, other: &str, name: &str, other_name: &str| {
        format!(
            "version: 1\nname: two\njobs:\n  a:\n    steps:\n      - run: {one} > {name}\n    outputs: [{name}]\n  b:\n    \
             steps:\n      - run: mkdir -p app; {other} > {other_name}\n    outputs: [{other_name}]\nrelease:\n  \
             artifacts: ['app', 'app/*']\n"
        )
    };
    let site = Site::new(&pipeline("echo one", "echo two", "app", "app/data"));
    site.call(&["run"]).expect(2).says("`app` and `app/data` cannot be released together");
    assert!(site.releases().is_empty());

    let twice = |text: &str| {
        format!(
            "version: 1\nname: two\njobs:\n  a:\n    steps:\n      - run: echo one > out\n    outputs: [out]\n  b:\n    steps:\n      \
             - run: echo {text} > out\n    outputs: [out]\nrelease:\n  artifacts: [out]\n"
        )
    };
    let site = Site::new(&twice("two"));
    site.call(&["run"]).expect(1).says("two jobs leave different files called `out`");
    assert!(site.releases().is_empty());
    site.assert_clean();
    site.project.write("palisade.yaml", twice("one"));
    site.call(&["run"]).expect(0);
    assert_eq!(site.releases().len(), 1);
}

/// The project has links that point out of it; a job replaces them in its own workspace, and the next job gets its outputs.
#[test]
fn outputs_never_follow_the_links_of_a_project() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("file"), "mine").unwrap();
    let site = Site::new(
        "version: 1\nname: links\njobs:\n  a:\n    steps:\n      - run: rm folder link; mkdir folder; echo theirs > folder/file; \
         echo theirs > link\n    outputs: [folder/file, link]\n  b:\n    needs: [a]\n    steps:\n      - run: cat link folder/file\n",
    );
    std::os::unix::fs::symlink(outside.path(), site.project.path("folder")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("file"), site.project.path("link")).unwrap();
    site.call(&["run"]).expect(1).says("folder/file").says("does not fit into the project");
    assert_eq!(fs::read_to_string(outside.path().join("file")).unwrap(), "mine");
    assert_eq!(super::site::names(outside.path()), ["file"]);
    site.assert_clean();
}
