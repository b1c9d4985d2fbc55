//! Where objects and names stand, compared with `git ls-tree` of every commit and `git rev-list --objects`.

use std::collections::{BTreeMap, BTreeSet};

use palisade_git::{
    Asked, History, HistoryGapKind, HistoryLimits, HistorySubject, ObjectKind, ObjectName, Reach,
};
use palisade_model::RepoPath;

use crate::history::{forms, oracle, rich};
use crate::{Fixture, git_at, line, path};

type Listing = BTreeMap<RepoPath, String>;

/// The blobs of a commit by path.
fn list(fixture: &Fixture, commit: &str) -> Listing {
    let output = fixture.git(["ls-tree", "-r", "-z", "--full-tree", commit]);
    let rows = output.split(|byte| *byte == 0).filter(|row| !row.is_empty());
    let parsed = rows.map(|row| {
        let tab = row.iter().position(|byte| *byte == b'\t').unwrap();
        let head = str::from_utf8(&row[..tab]).unwrap();
        (
            path(&row[tab + 1..]),
            head.split(' ').nth(1).unwrap().to_owned(),
            head.rsplit(' ').next().unwrap().to_owned(),
        )
    });
    parsed.filter(|(_, kind, _)| kind == "blob").map(|(path, _, id)| (path, id)).collect()
}

fn lines(output: Vec<u8>) -> Vec<String> {
    line(output).lines().map(str::to_owned).collect()
}

fn commits(fixture: &Fixture) -> Vec<(i64, String)> {
    let all = oracle(&fixture.root).into_iter().filter(|(_, (kind, _))| *kind == ObjectKind::Commit);
    let time = |id: &str| line(fixture.git(["show", "-s", "--format=%ct", id])).parse().unwrap();
    let mut commits: Vec<_> = all.map(|(id, _)| (time(&id), id)).collect();
    commits.sort();
    commits
}

#[test]
fn blobs_stand_where_git_lists_them() {
    let fixture = rich();
    let listed: Vec<(String, Listing)> =
        commits(&fixture).into_iter().map(|(_, id)| (id.clone(), list(&fixture, &id))).collect();
    let head = list(&fixture, "HEAD");
    let by_refs: BTreeSet<String> =
        lines(fixture.git(["rev-list", "--objects", "--all", "--no-object-names"]))
            .into_iter()
            .chain(lines(fixture.git(["for-each-ref", "--format=%(objectname)"])))
            .collect();
    let by_logs: BTreeSet<String> =
        lines(fixture.git(["rev-list", "--objects", "--reflog", "--no-object-names"])).into_iter().collect();
    let all: Vec<String> = oracle(&fixture.root).into_keys().collect();
    let wanted: Vec<ObjectName> = all.iter().map(|id| id.parse().unwrap()).collect();
    let kinds = oracle(&fixture.root);
    let mut reached = BTreeMap::new();
    forms(&fixture, |form| {
        let survey = History::open(&fixture.root).unwrap().trace(&wanted, &HistoryLimits::default());
        assert_eq!((survey.gaps.list.as_slice(), survey.missing), (&[][..], 0), "{form}");
        for (id, trace) in all.iter().zip(&survey.objects) {
            let is_blob = kinds[id].0 == ObjectKind::Blob;
            let holding: Vec<&(String, Listing)> = listed
                .iter()
                .filter(
                    |(commit, listing)| {
                        if is_blob { listing.values().any(|blob| blob == id) } else { commit == id }
                    },
                )
                .collect();
            let paths: BTreeSet<&RepoPath> = holding
                .iter()
                .flat_map(|(_, listing)| listing)
                .filter(|(_, blob)| *blob == id)
                .map(|(path, _)| path)
                .collect();
            assert_eq!(trace.paths.iter().collect::<BTreeSet<_>>(), paths, "{form} {id}");
            assert!(trace.paths.is_sorted() && !trace.more_paths);
            let ends = [trace.first, trace.last].map(|commit| commit.map(|commit| commit.to_string()));
            assert_eq!(
                ends,
                [holding.first(), holding.last()].map(|end| end.map(|(commit, _)| commit.clone())),
                "{form} {id}"
            );
            assert_eq!(trace.in_head, head.values().any(|blob| blob == id), "{form} {id}");
            let reach = match (by_refs.contains(id), by_logs.contains(id)) {
                (true, _) => Reach::Reference,
                (false, true) => Reach::Reflog,
                (false, false) => Reach::Nothing,
            };
            assert_eq!(trace.reach, reach, "{form} {id}");
            *reached.entry(reach).or_insert(0) += 1;
        }
    });
    assert!(reached.len() == 3 && reached.values().all(|count| *count > 5), "{reached:?}");
}

#[test]
fn names_are_asked_for_once_and_found() {
    let fixture = rich();
    let mut expected = BTreeSet::new();
    for (_, id) in commits(&fixture) {
        for row in fixture.git(["ls-tree", "-r", "-t", "-z", "--name-only", &id]).split(|byte| *byte == 0) {
            expected.insert(row.rsplit(|byte| *byte == b'/').next().unwrap().to_vec());
        }
    }
    expected.remove(b"".as_slice());
    forms(&fixture, |form| {
        let asked = std::sync::Mutex::new(Vec::new());
        let is_wanted = |name: &[u8]| {
            asked.lock().unwrap().push(name.to_vec());
            name == b"main.txt" || name == b"deep"
        };
        let asked_for = Asked { name: &is_wanted, ..Asked::NOTHING };
        let history = History::open(&fixture.root).unwrap();
        let survey = history.survey_trees(&[], &asked_for, &HistoryLimits::default());
        let mut asked = asked.into_inner().unwrap();
        asked.sort();
        assert_eq!(asked, expected.iter().cloned().collect::<Vec<_>>(), "{form}");
        let [(deep, deep_trace), (main, main_trace)] = survey.names.as_slice() else {
            panic!("{:?}", survey.names)
        };
        assert_eq!((deep.as_slice(), main.as_slice()), (&b"deep"[..], &b"main.txt"[..]));
        assert_eq!(deep_trace.paths, [path("src/deep")]);
        assert_eq!(main_trace.paths, [path("src/deep/er/main.txt")]);
        let first = line(fixture.git(["rev-list", "--max-parents=0", "main"]));
        assert_eq!(main_trace.first.unwrap().to_string(), first);
        assert!(main_trace.in_head && main_trace.reach == Reach::Reference);
    });
}

/// Two kinds of paths.
fn judged_as(path: &RepoPath) -> Vec<u8> {
    vec![u8::from(path.as_bytes().len().is_multiple_of(2))]
}

/// A content is looked at under each of its names that is judged on its own, up to a limit.
#[test]
fn names_beyond_the_limit_of_places_are_told() {
    for (count, told) in [(64, 0), (65, 1), (70, 1)] {
        let fixture = Fixture::new();
        (0..count).for_each(|number| fixture.write(&format!("{number}.txt"), "the same"));
        fixture.commit_all();
        let history = History::open(&fixture.root).unwrap();
        let range = history.range("HEAD", &|_| false, &|path| path.as_bytes().to_vec()).unwrap();
        let [blob] = range.blobs.as_slice() else { panic!("{:?}", range.blobs.len()) };
        assert_eq!(blob.places.len(), 64);
        assert_eq!(range.gaps.list.len(), told, "{:?}", range.gaps);
        let subjects = range.gaps.list.iter().map(|gap| (&gap.subject, gap.kind));
        let expected = (HistorySubject::Object(blob.name), HistoryGapKind::Budget);
        assert!(subjects.into_iter().all(|(subject, kind)| (subject, kind) == (&expected.0, expected.1)));
        // Names that are judged alike are one place.
        let range = history.range("HEAD", &|_| false, &|_| Vec::new()).unwrap();
        assert_eq!((range.blobs[0].places.len(), range.gaps.list.len()), (1, 0));
    }
}

#[test]
fn ranges_bring_what_no_parent_has() {
    let fixture = rich();
    forms(&fixture, |form| {
        for spec in [
            "main~3..main",
            "main",
            "main~5...refs/pull/7/head",
            "nested",
            "one..two",
            "main..main",
            "main^!",
            "HEAD~4..v1",
        ] {
            let range = History::open(&fixture.root).unwrap().range(spec, &|_| true, &judged_as).unwrap();
            assert_eq!(range.gaps.list, [], "{form} {spec}");
            let expected: BTreeSet<String> =
                line(fixture.git(["rev-list", spec])).lines().map(str::to_owned).collect();
            let found: Vec<String> = range.commits.iter().map(ToString::to_string).collect();
            assert_eq!(found.iter().cloned().collect::<BTreeSet<_>>(), expected, "{form} {spec}");
            assert_eq!(found.len(), expected.len());
            let mut new = BTreeSet::new();
            for commit in &expected {
                let parents = line(fixture.git(["show", "-s", "--format=%P", commit]));
                let parents: Vec<Listing> =
                    parents.split_whitespace().map(|parent| list(&fixture, parent)).collect();
                let own = list(&fixture, commit).into_iter();
                let brought =
                    own.filter(|(path, id)| parents.iter().all(|parent| parent.get(path) != Some(id)));
                new.extend(brought.map(|(path, id)| (id, path, commit.clone())));
            }
            let others = range.other_paths.iter().filter_map(|other| Some((other.blob?.to_string(), other)));
            let others = others.map(|(id, other)| (id, other.path.clone(), other.commit.to_string()));
            let others: BTreeSet<_> = others.collect();
            assert!(others.is_subset(&new), "{form} {spec}");
            let told = range.blobs.iter().map(|blob| blob.places[0].path.clone());
            let told: BTreeSet<_> =
                told.chain(range.other_paths.iter().map(|other| other.path.clone())).collect();
            let paths: BTreeSet<_> = new.iter().map(|(_, path, _)| path.clone()).collect();
            assert!(paths.is_subset(&told), "{form} {spec}: each path is told");
            let ids: BTreeSet<&String> = new.iter().map(|(id, ..)| id).collect();
            assert_eq!(range.blobs.len(), ids.len(), "{form} {spec}");
            for blob in &range.blobs {
                let id = blob.name.to_string();
                for place in &blob.places {
                    let row = (id.clone(), place.path.clone(), place.commit.to_string());
                    assert!(new.contains(&row), "{form} {spec}: {row:?}");
                }
                let kinds: BTreeSet<Vec<u8>> =
                    blob.places.iter().map(|place| judged_as(&place.path)).collect();
                let own = new.iter().filter(|(other, ..)| **other == id);
                assert_eq!(kinds, own.map(|(_, path, _)| judged_as(path)).collect(), "{form} {spec}: {id}");
                assert_eq!(kinds.len(), blob.places.len(), "{form} {spec}: {id}");
            }
            assert_eq!(
                range.tags.len(),
                if spec == "nested" { 2 } else { usize::from(spec.ends_with("v1")) },
                "{spec}"
            );
        }
        fixture.git(["tag", "-f", "-a", "-m", "x", "of-file", "main:readme"]);
        fixture.git(["tag", "-f", "of-folder", "main^{tree}"]);
        let history = History::open(&fixture.root).unwrap();
        for (spec, what) in [("of-file", "is the content of a file"), ("main..of-folder", "is a folder")] {
            let error = history.range(spec, &|_| false, &|_| Vec::new()).unwrap_err().to_string();
            assert!(error.contains(what) && error.contains("a range is of commits"), "{error}");
        }
        for spec in ["nowhere", "^main", "main:readme", ""] {
            assert!(history.range(spec, &|_| false, &|_| Vec::new()).is_err(), "{spec}");
        }
    });
}

/// Two folders that are one tree at different times, a file that comes back, and one in no commit.
fn moved() -> Fixture {
    let fixture = Fixture::new();
    let at = |minute: i64| {
        let message = format!("commit of minute {minute}");
        let output =
            git_at(1_700_000_000 + 60 * minute, &fixture.root, &["commit", "-q", "-a", "-m", &message]);
        assert!(output.status.success(), "{output:?}");
    };
    fixture.write("old/a.p12", b"one");
    fixture.write("readme", b"x");
    fixture.git(["add", "."]);
    at(1);
    fixture.git(["mv", "old", "new"]);
    at(2);
    fixture.git(["rm", "-q", "-r", "new"]);
    at(3);
    fixture.write("old/a.p12", b"two");
    fixture.git(["add", "."]);
    at(4);
    fixture
}

#[test]
fn files_of_wanted_paths_have_the_commits_that_git_lists_for_them() {
    let fixture = moved();
    let listed: Vec<(String, Listing)> =
        commits(&fixture).into_iter().map(|(_, id)| (id.clone(), list(&fixture, &id))).collect();
    assert_eq!(listed.len(), 4);
    let asked = Asked {
        last_name: &|name| name.ends_with(b".p12"),
        path: &|path| path.as_bytes().ends_with(b"/a.p12"),
        ..Asked::NOTHING
    };
    forms(&fixture, |form| {
        let history = History::open(&fixture.root).unwrap();
        let survey = history.survey_trees(&[], &asked, &HistoryLimits::default());
        assert_eq!(survey.gaps.list, [], "{form}");
        let paths: Vec<_> = survey.files.iter().map(|file| file.path.clone()).collect();
        assert_eq!(paths, [path("new/a.p12"), path("old/a.p12")], "{form}");
        for file in &survey.files {
            let holding: Vec<_> =
                listed.iter().filter(|(_, listing)| listing.contains_key(&file.path)).collect();
            let (first, last) = (holding.first().unwrap(), holding.last().unwrap());
            let ends = [file.trace.first, file.trace.last].map(|commit| commit.unwrap().to_string());
            assert_eq!(ends, [first.0.clone(), last.0.clone()], "{form} {}", file.path);
            let contents: Vec<_> = file.contents.iter().map(ToString::to_string).collect();
            let mut expected = vec![first.1[&file.path].clone(), last.1[&file.path].clone()];
            expected.dedup();
            assert_eq!(contents, expected, "{form} {}", file.path);
            assert_eq!(file.trace.in_head, file.path == path("old/a.p12"), "{form} {}", file.path);
        }
        let all = Asked { last_name: &|_| true, path: &|_| true, ..Asked::NOTHING };
        let all = history.survey_trees(&[], &all, &HistoryLimits::default());
        let every: BTreeSet<_> = listed.iter().flat_map(|(_, listing)| listing.keys().cloned()).collect();
        assert_eq!(all.files.iter().map(|file| file.path.clone()).collect::<BTreeSet<_>>(), every, "{form}");
    });
}

/// Git sorts folders as if their names ended with `/`; a hostile tree has any order, and one name twice.
#[test]
fn names_are_found_in_trees_of_any_order() {
    let fixture = Fixture::new();
    let (one, two) = (hashed(&fixture, "blob", b"one"), hashed(&fixture, "blob", b"two"));
    let below = hashed(&fixture, "tree", &entries(&[("100644", "k.p12", &one)]));
    let tree = |first: &str| {
        let rows = [
            ("100644", "z.p12", first),
            ("100644", "a.p12", &one),
            ("100644", "a-b.p12", &one),
            ("40000", "a", &below),
            ("100644", "a.p12", &two),
            ("100644", "B.p12", &one),
        ];
        hashed(&fixture, "tree", &entries(&rows))
    };
    let (old, new) = (tree(&one), tree(&two));
    let first = line(fixture.git(["commit-tree", "-m", "1", &old]));
    let second = line(fixture.git(["commit-tree", "-m", "2", "-p", &first, &new]));
    fixture.git(["update-ref", "refs/heads/main", &second]);
    let history = History::open(&fixture.root).unwrap();
    let asked = Asked { last_name: &|_| true, path: &|_| true, ..Asked::NOTHING };
    let survey = history.survey_trees(&[], &asked, &HistoryLimits::default());
    let paths: Vec<_> = survey.files.iter().map(|file| file.path.clone()).collect();
    assert_eq!(paths, ["B.p12", "a-b.p12", "a.p12", "a/k.p12", "z.p12"].map(path));
    for file in &survey.files {
        assert!(file.trace.first.is_some() && file.trace.in_head, "{}", file.path);
    }
    let range = history.range("main^!", &|_| true, &|_| Vec::new()).unwrap();
    let blobs = range.blobs.iter().map(|blob| &blob.places[0].path);
    let told: BTreeSet<_> = blobs.chain(range.other_paths.iter().map(|other| &other.path)).collect();
    assert_eq!(told, BTreeSet::from([&path("a.p12"), &path("z.p12")]), "{range:?}");
}

fn entries(rows: &[(&str, &str, &str)]) -> Vec<u8> {
    let raw = |id: &str| {
        let digits = (0..id.len() / 2).map(|at| id.get(at * 2..at * 2 + 2).unwrap());
        digits.map(|digits| u8::from_str_radix(digits, 16).unwrap()).collect::<Vec<_>>()
    };
    rows.iter()
        .flat_map(|(mode, name, id)| [format!("{mode} {name}\0").into_bytes(), raw(id)].concat())
        .collect()
}

/// Writes an object as it is; its name.
fn hashed(fixture: &Fixture, kind: &str, bytes: &[u8]) -> String {
    let file = fixture.beside("object");
    std::fs::write(&file, bytes).unwrap();
    let file = file.to_str().unwrap();
    line(fixture.git(["hash-object", "-t", kind, "-w", "--literally", file]))
}
