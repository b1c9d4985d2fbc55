use palisade_model::{
    AffectedPackage, CommitRef, Confidence, Excerpt, History, IgnoredPlace, InlineMarker, Location, Position,
    Relation, Scope, Span, Timestamp,
};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::*;

const TODAY: &str = "2026-03-10";

fn name(number: u8) -> Fingerprint {
    Fingerprint::from_bytes([number; 16])
}

fn finding(number: u8) -> Finding {
    let at = Position { line: u32::from(number), column: 1 };
    Finding {
        engine: "secrets".into(),
        rule: RuleId::new("github-pat").unwrap(),
        title: "GitHub token".into(),
        severity: Severity::High,
        confidence: Confidence::High,
        message: "checksum is valid".into(),
        location: Location {
            path: "a.env".parse().unwrap(),
            members: Vec::new(),
            start: at,
            end: at,
            bytes: Span::new(0, 1),
        },
        excerpt: Excerpt { text: "****".into(), mark_start: 0, mark_end: 4 },
        encodings: Vec::new(),
        form: palisade_model::Form::default(),
        asset: None,
        history: None,
        layer: None,
        package: None,
        fingerprint: name(number),
        marker: None,
        listed: Vec::new(),
        suppression: None,
    }
}

fn marked_finding(number: u8, reason: Option<&str>) -> Finding {
    Finding { marker: Some(InlineMarker { reason: reason.map(str::to_owned) }), ..finding(number) }
}

fn waiver(number: u8, until: &str) -> Waiver {
    Waiver {
        fingerprint: name(number),
        reason: "test key".into(),
        until: until.parse().unwrap(),
        owner: None,
    }
}

fn revision(waivers: &[Waiver]) -> Revision {
    Revision { waivers: waivers.to_vec(), ..Revision::default() }
}

fn sources(suppressions: Suppressions, change: Revision, base: Revision) -> Sources {
    Sources {
        suppressions,
        today: TODAY.parse().unwrap(),
        change,
        base,
        rules: rules(),
        products: ScannedProducts::default(),
    }
}

fn rules() -> BTreeSet<RuleId> {
    ["github-pat", "aws-access-key"].map(|rule| RuleId::new(rule).unwrap()).into()
}

/// What suppresses finding 1, and whether the change granted it itself.
fn verdict(finding: Finding, sources: &Sources) -> Option<(SuppressionKind, bool)> {
    let triaged = triage(vec![finding], sources);
    let suppression = triaged.findings[0].suppression.clone();
    suppression.map(|suppression| (suppression.kind, suppression.self_granted))
}

#[test]
fn a_waiver_of_the_change_counts_only_where_policy_lets_it() {
    let own = || revision(&[waiver(1, "2026-12-31")]);
    let judge = |suppressions, base| verdict(finding(1), &sources(suppressions, own(), base));
    assert_eq!(judge(Suppressions::Own, Revision::default()), Some((SuppressionKind::Waiver, true)));
    assert_eq!(judge(Suppressions::Own, own()), Some((SuppressionKind::Waiver, false)));
    assert_eq!(judge(Suppressions::Base, Revision::default()), None);
    assert_eq!(judge(Suppressions::Base, own()), Some((SuppressionKind::Waiver, false)));
    assert_eq!(judge(Suppressions::None, own()), None);
}

#[test]
fn a_waiver_holds_to_the_end_of_its_last_day() {
    let judge = |until| {
        verdict(finding(1), &sources(Suppressions::Own, revision(&[waiver(1, until)]), Revision::default()))
            .is_some()
    };
    assert!(judge(TODAY));
    assert!(!judge("2026-03-09"));
}

#[test]
fn a_waiver_that_ran_out_in_the_base_is_self_granted_when_the_change_prolongs_it() {
    let change = || revision(&[waiver(1, "2026-12-31")]);
    let base = || revision(&[waiver(1, "2026-01-31")]);
    let judge = |suppressions| verdict(finding(1), &sources(suppressions, change(), base()));
    assert_eq!(judge(Suppressions::Own), Some((SuppressionKind::Waiver, true)));
    assert_eq!(judge(Suppressions::Base), None);
}

#[test]
fn what_the_base_granted_is_shown_as_the_base_said_it() {
    let mut rewritten = waiver(1, "2099-12-31");
    rewritten.reason = "because".into();
    let sources = sources(Suppressions::Own, revision(&[rewritten]), revision(&[waiver(1, "2026-04-30")]));
    let suppression = triage(vec![finding(1)], &sources).findings[0].suppression.clone().unwrap();
    assert_eq!((suppression.reason.as_str(), suppression.until.as_deref()), ("test key", Some("2026-04-30")));
}

#[test]
fn a_waiver_taken_out_of_the_change_no_longer_counts_for_it() {
    let base = revision(&[waiver(1, "2026-12-31")]);
    assert_eq!(verdict(finding(1), &sources(Suppressions::Own, Revision::default(), base)), None);
}

#[test]
fn baselines_count_like_waivers() {
    let known =
        || Revision { baseline: Baseline { fingerprints: [name(1), name(7)].into() }, ..Revision::default() };
    let judge = |suppressions, base| verdict(finding(1), &sources(suppressions, known(), base));
    assert_eq!(judge(Suppressions::Own, Revision::default()), Some((SuppressionKind::Baseline, true)));
    assert_eq!(judge(Suppressions::Own, known()), Some((SuppressionKind::Baseline, false)));
    assert_eq!(judge(Suppressions::Base, Revision::default()), None);
    assert_eq!(judge(Suppressions::Base, known()), Some((SuppressionKind::Baseline, false)));
    let triaged = triage(vec![finding(1)], &sources(Suppressions::Own, known(), Revision::default()));
    assert_eq!(triaged.unused_baseline, 1);
}

#[test]
fn a_marker_needs_a_reason_and_counts_for_the_base_only_if_it_was_there() {
    let empty = |suppressions| sources(suppressions, Revision::default(), Revision::default());
    let judge = |reason, sources: &Sources| verdict(marked_finding(1, reason), sources);
    assert_eq!(judge(Some("test key"), &empty(Suppressions::Own)), Some((SuppressionKind::Inline, true)));
    assert_eq!(judge(None, &empty(Suppressions::Own)), None);
    assert_eq!(judge(Some(" "), &empty(Suppressions::Own)), None);
    assert_eq!(judge(Some("test key"), &empty(Suppressions::Base)), None);
    let there = Revision { markers: [name(1)].into(), ..Revision::default() };
    let base = sources(Suppressions::Base, Revision::default(), there);
    assert_eq!(judge(Some("test key"), &base), Some((SuppressionKind::Inline, false)));
    assert_eq!(verdict(finding(1), &base), None);
}

#[test]
fn waivers_without_effect_are_told() {
    let waivers =
        [waiver(1, "2026-12-31"), waiver(2, "2026-01-01"), waiver(3, "2026-12-31"), waiver(4, "2026-01-01")];
    let triaged = triage(
        vec![finding(1), finding(2)],
        &sources(Suppressions::Own, revision(&waivers), Revision::default()),
    );
    assert_eq!(triaged.expired, [waiver(2, "2026-01-01")]);
    assert_eq!(triaged.unused, [waiver(3, "2026-12-31"), waiver(4, "2026-01-01")]);
}

#[test]
fn repeats_are_one_finding_and_the_worst_stays() {
    let mild = Finding { severity: Severity::Low, ..finding(1) };
    let triaged = triage(
        vec![mild, finding(2), finding(1), finding(1)],
        &sources(Suppressions::None, Revision::default(), Revision::default()),
    );
    assert_eq!(triaged.findings, [finding(1), finding(2)]);
}

#[test]
fn the_threshold_looks_at_what_counts() {
    let sources = sources(Suppressions::Own, revision(&[waiver(1, "2026-12-31")]), Revision::default());
    assert!(!fails(&triage(vec![finding(1)], &sources).findings, Severity::Info));
    assert!(fails(&triage(vec![finding(2)], &sources).findings, Severity::High));
    assert!(!fails(&triage(vec![finding(2)], &sources).findings, Severity::Critical));
}

fn entry(file: &str, line: u32) -> IgnoreEntry {
    IgnoreEntry { file: file.to_owned(), line }
}

/// Line `number` of a `.gitleaksignore`.
fn place(number: u32, path: &str, rule: &str, line: u32) -> IgnoredPlace {
    let entry = entry(".gitleaksignore", number);
    IgnoredPlace { entry, commit: None, path: path.parse().unwrap(), rule: rule.to_owned(), line }
}

fn ignoring(places: &[IgnoredPlace]) -> Revision {
    let ignored = Ignored { places: places.to_vec(), ..Ignored::default() };
    Revision { ignored, ..Revision::default() }
}

#[test]
fn ignored_places_count_like_waivers() {
    let own = || ignoring(&[place(4, "a.env", "github-pat", 1)]);
    let judge = |suppressions, base| verdict(finding(1), &sources(suppressions, own(), base));
    assert_eq!(judge(Suppressions::Own, Revision::default()), Some((SuppressionKind::IgnoreFile, true)));
    assert_eq!(judge(Suppressions::Own, own()), Some((SuppressionKind::IgnoreFile, false)));
    assert_eq!(judge(Suppressions::Base, Revision::default()), None);
    assert_eq!(judge(Suppressions::Base, own()), Some((SuppressionKind::IgnoreFile, false)));
    assert_eq!(judge(Suppressions::None, own()), None);
    let triaged = triage(vec![finding(1)], &sources(Suppressions::Own, own(), Revision::default()));
    assert_eq!(triaged.findings[0].suppression.as_ref().unwrap().reason, "listed in .gitleaksignore line 4");
    assert_eq!(triaged.unused_ignores, []);
}

#[test]
fn an_ignored_place_is_for_its_file_and_line_and_for_its_rule_if_that_is_ours() {
    let judge = |place| {
        let triaged =
            triage(vec![finding(1)], &sources(Suppressions::Own, ignoring(&[place]), Revision::default()));
        assert_eq!(triaged.unused_ignores.is_empty(), triaged.findings[0].suppression.is_some());
        triaged.findings[0].suppression.is_some()
    };
    assert!(judge(place(1, "a.env", "github-pat", 1)));
    assert!(judge(place(1, "a.env", "generic-api-key", 1)), "a rule of that tool alone");
    assert!(judge(place(1, "a.env", "Some_Rule", 1)), "no name of ours");
    assert!(!judge(place(1, "a.env", "aws-access-key", 1)), "a rule of ours, but another");
    assert!(!judge(place(1, "a.env", "github-pat", 2)));
    assert!(!judge(place(1, "b.env", "github-pat", 1)));
    assert!(!judge(place(1, "a.env!b.env", "github-pat", 1)));
}

#[test]
fn an_ignored_place_in_an_archive_is_written_with_exclamation_marks() {
    let mut packed = finding(1);
    packed.location.members = vec!["b.zip".into(), "c.env".into()];
    let judge = |path: &str| {
        let change = ignoring(&[place(1, path, "github-pat", 1)]);
        verdict(packed.clone(), &sources(Suppressions::Own, change, Revision::default())).is_some()
    };
    assert!(judge("a.env!b.zip!c.env"));
    assert!(!judge("a.env"), "the line of the archive is not that of the member");
}

#[test]
fn a_commit_counts_where_the_history_is_known() {
    let commit = |digit: &str| digit.repeat(40).parse().unwrap();
    let first = CommitRef {
        id: commit("a"),
        author: "Ada".into(),
        email: "ada@example.com".into(),
        time: Timestamp::UNIX_EPOCH,
        subject: "add".into(),
    };
    let history = History {
        object: "c".repeat(40),
        first: Some(first.clone()),
        last: Some(CommitRef { id: commit("b"), ..first }),
        paths: vec!["a.env".parse().unwrap(), "old.env".parse().unwrap()],
        more_paths: false,
        objects: 1,
        in_head: false,
        reachable: true,
    };
    let judge = |history: Option<&History>, path: &str, id: &str| {
        let place = IgnoredPlace { commit: Some(commit(id)), ..place(1, path, "github-pat", 1) };
        let finding = Finding { history: history.cloned(), ..finding(1) };
        verdict(finding, &sources(Suppressions::Own, ignoring(&[place]), Revision::default())).is_some()
    };
    assert!(judge(Some(&history), "a.env", "a") && judge(Some(&history), "a.env", "b"));
    assert!(judge(Some(&history), "old.env", "a"), "a name it had before");
    assert!(!judge(Some(&history), "a.env", "d"));
    assert!(!judge(Some(&history), "new.env", "a"));
    assert!(judge(None, "a.env", "d"), "a scan of files knows no commits");
    let nowhere = History { first: None, last: None, ..history };
    assert!(judge(Some(&nowhere), "a.env", "d"));
}

#[test]
fn listed_secrets_count_for_the_side_that_lists_them_and_leave_no_trace() {
    let listed = |side, line| Listed { side, entry: entry(".secrets.baseline", line) };
    let known = |listed: &[Listed]| Finding { listed: listed.to_vec(), ..finding(1) };
    let revision = || {
        let secrets = [entry(".secrets.baseline", 9), entry(".secrets.baseline", 12)].into();
        Revision { ignored: Ignored { secrets, ..Ignored::default() }, ..Revision::default() }
    };
    let judge =
        |suppressions, all: &[Listed]| verdict(known(all), &sources(suppressions, revision(), revision()));
    let (change, base) = (listed(Side::Change, 9), listed(Side::Base, 9));
    assert_eq!(
        judge(Suppressions::Own, std::slice::from_ref(&change)),
        Some((SuppressionKind::IgnoreFile, true))
    );
    let both = [change.clone(), base.clone()];
    assert_eq!(judge(Suppressions::Own, &both), Some((SuppressionKind::IgnoreFile, false)));
    assert_eq!(judge(Suppressions::Base, std::slice::from_ref(&change)), None);
    assert_eq!(
        judge(Suppressions::Base, std::slice::from_ref(&base)),
        Some((SuppressionKind::IgnoreFile, false))
    );
    assert_eq!(judge(Suppressions::Own, &[base]), None, "taken out of the change");
    let triaged =
        triage(vec![known(&[change])], &sources(Suppressions::None, revision(), Revision::default()));
    assert_eq!(triaged.findings, [finding(1)]);
    assert_eq!(triaged.unused_ignores, [entry(".secrets.baseline", 12)]);
}

#[test]
fn ignored_files_are_those_that_git_would_ignore() {
    let patterns = [(1, "*.env"), (2, "!b.env"), (3, "/deploy/"), (4, "te st/*.py "), (5, "# *")];
    let patterns = || patterns.map(|(line, text)| (entry(".secretsignore", line), text.to_owned())).to_vec();
    let judge = |path: &str, prefix: &str| {
        let mut finding = finding(1);
        finding.location.path = path.parse().unwrap();
        let files = FilePatterns::new(patterns(), prefix.as_bytes()).unwrap();
        let change = Revision { ignored: Ignored { files, ..Ignored::default() }, ..Revision::default() };
        let triaged = triage(vec![finding], &sources(Suppressions::Own, change, Revision::default()));
        assert_eq!(triaged.unused_ignores, [], "a pattern is for files that may come");
        triaged.findings[0].suppression.as_ref().map(|suppression| suppression.reason.clone())
    };
    let line = |number: u32| Some(format!("listed in .secretsignore line {number}"));
    assert_eq!(judge("a.env", ""), line(1));
    assert_eq!(judge("x/b.env", ""), None);
    assert_eq!(judge("deploy/x/y", ""), line(3));
    assert_eq!(judge("x/deploy/y", ""), None);
    assert_eq!(judge("y", "deploy/"), line(3), "a scan of a folder below");
    assert_eq!(judge("te st/a.py", ""), line(4));
    assert_eq!(judge("a.txt", ""), None);
    let broken = FilePatterns::new(vec![(entry(".secretsignore", 1), "[z-a]".to_owned())], b"").unwrap_err();
    assert_eq!(broken.index, 0);
}

#[test]
fn another_secret_in_the_place_of_a_waived_one_counts() {
    let mut other = finding(2);
    other.location = finding(1).location;
    let sources = sources(Suppressions::Own, revision(&[waiver(1, "2026-12-31")]), Revision::default());
    let triaged = triage(vec![other], &sources);
    assert_eq!(triaged.findings[0].suppression, None);
    assert_eq!(triaged.unused, [waiver(1, "2026-12-31")]);
}

fn some_finding() -> impl Strategy<Value = Finding> {
    let marker = prop_oneof![Just(None), Just(Some(None)), Just(Some(Some("test key".to_owned())))];
    (0_u8..8, 0_u32..3, marker).prop_map(|(number, line, marker)| {
        let mut finding = finding(number);
        finding.location.start.line = line;
        finding.marker = marker.map(|reason| InlineMarker { reason });
        finding
    })
}

fn some_revision() -> impl Strategy<Value = Revision> {
    let until = prop_oneof![Just("2026-01-01"), Just(TODAY), Just("2026-12-31")];
    let waivers = vec((0_u8..10, until).prop_map(|(number, until)| waiver(number, until)), 0..6);
    let names = || btree_set((0_u8..10).prop_map(name), 0..4);
    let places = vec((0_u32..9, 0_u32..3).prop_map(|(number, line)| place(number, "a.env", "x", line)), 0..3);
    (waivers, names(), names(), places).prop_map(|(waivers, fingerprints, markers, places)| Revision {
        waivers,
        baseline: Baseline { fingerprints },
        markers,
        ignored: Ignored { places, ..Ignored::default() },
        vex: VexStatements::default(),
    })
}

fn some_ledger() -> impl Strategy<Value = Sources> {
    let suppressions =
        prop_oneof![Just(Suppressions::Own), Just(Suppressions::Base), Just(Suppressions::None)];
    (suppressions, some_revision(), some_revision())
        .prop_map(|(suppressions, change, base)| sources(suppressions, change, base))
}

fn keys(findings: &[Finding]) -> BTreeSet<(Location, RuleId, Fingerprint)> {
    let key = |finding: &Finding| (finding.location.clone(), finding.rule.clone(), finding.fingerprint);
    findings.iter().map(key).collect()
}

fn suppressed(triaged: &Triaged) -> BTreeSet<Fingerprint> {
    let suppressed = triaged.findings.iter().filter(|finding| finding.suppression.is_some());
    suppressed.map(|finding| finding.fingerprint).collect()
}

proptest! {
    #[test]
    fn no_finding_comes_or_goes(findings in vec(some_finding(), 0..20), sources in some_ledger()) {
        let triaged = triage(findings.clone(), &sources);
        prop_assert_eq!(keys(&triaged.findings), keys(&findings));
        prop_assert_eq!(triaged.findings.len(), keys(&findings).len());
    }

    #[test]
    fn under_none_nothing_is_suppressed(findings in vec(some_finding(), 0..20), mut sources in some_ledger()) {
        sources.suppressions = Suppressions::None;
        prop_assert!(suppressed(&triage(findings, &sources)).is_empty());
    }

    #[test]
    fn an_expired_waiver_changes_no_finding(
        findings in vec(some_finding(), 0..20),
        sources in some_ledger(),
        number in 0_u8..10,
    ) {
        let mut more = sources.clone();
        more.change.waivers.push(waiver(number, "2026-03-09"));
        more.base.waivers.push(waiver(number, "2026-03-09"));
        prop_assert_eq!(triage(findings.clone(), &sources).findings, triage(findings, &more).findings);
    }

    #[test]
    fn under_base_the_change_has_no_say(
        findings in vec(some_finding(), 0..20),
        mut sources in some_ledger(),
        other in some_revision(),
    ) {
        sources.suppressions = Suppressions::Base;
        let mut rewritten = sources.clone();
        rewritten.change = other;
        prop_assert_eq!(triage(findings.clone(), &sources).findings, triage(findings, &rewritten).findings);
    }

    #[test]
    fn the_order_of_findings_does_not_matter(
        findings in vec(some_finding(), 0..20),
        sources in some_ledger(),
    ) {
        // Repeats that differ in what is said of them are left out: which of them stays is the first.
        let distinct = triage(findings, &sources).findings;
        let mut reversed = distinct.clone();
        reversed.reverse();
        prop_assert_eq!(triage(distinct, &sources), triage(reversed, &sources));
    }
}

fn vulnerable(number: u8, advisories: &[&str], purl: &str) -> Finding {
    let package = AffectedPackage {
        advisories: advisories.iter().map(ToString::to_string).collect(),
        ..AffectedPackage::new(purl.parse().unwrap(), Scope::Prod, Relation::Direct)
    };
    Finding { package: Some(Box::new(package)), ..finding(number) }
}

/// A revision with `palisade.vex.json`, which says this of CVE-1 in each of the products.
fn stating(status: &str, products: &[&str]) -> Revision {
    let products: Vec<String> =
        products.iter().map(|product| format!("{{\"@id\": \"{product}\"}}")).collect();
    let text = format!(
        r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:vex:1", "author": "Ada", "timestamp": "2026-01-01T00:00:00Z",
            "version": 1, "statements": [{{"vulnerability": {{"name": "CVE-1"}}, "products": [{}], "status": "{status}",
            "justification": "vulnerable_code_not_in_execute_path", "impact_statement": "no caller"}}]}}"#,
        products.join(",")
    );
    let (document, problems) = palisade_sbom::vex::read(text.as_bytes(), &[]).unwrap();
    assert_eq!(problems, []);
    let mut vex = VexStatements::default();
    vex.add("palisade.vex.json", &document);
    Revision { vex, ..Revision::default() }
}

#[test]
fn a_statement_counts_only_where_policy_lets_it() {
    let own = || stating("not_affected", &["pkg:npm/left"]);
    let found = || vulnerable(1, &["GHSA-1", "CVE-1"], "pkg:npm/left@1.0.0");
    let judge = |suppressions, base| verdict(found(), &sources(suppressions, own(), base));
    assert_eq!(judge(Suppressions::Own, Revision::default()), Some((SuppressionKind::Vex, true)));
    assert_eq!(judge(Suppressions::Own, own()), Some((SuppressionKind::Vex, false)));
    assert_eq!(judge(Suppressions::Base, Revision::default()), None);
    assert_eq!(judge(Suppressions::Base, own()), Some((SuppressionKind::Vex, false)));
    assert_eq!(judge(Suppressions::None, own()), None);
}

#[test]
fn a_statement_says_why_and_by_whom() {
    let own =
        sources(Suppressions::Own, stating("not_affected", &["pkg:npm/left@1.0.0"]), Revision::default());
    let triaged = triage(vec![vulnerable(1, &["CVE-1"], "pkg:npm/left@1.0.0")], &own);
    let suppression = triaged.findings[0].suppression.clone().unwrap();
    for said in [
        "not_affected",
        "vulnerable_code_not_in_execute_path",
        "no caller",
        "urn:vex:1",
        "palisade.vex.json statement 1",
    ] {
        assert!(suppression.reason.contains(said), "{said}: {}", suppression.reason);
    }
    assert_eq!(suppression.owner.as_deref(), Some("Ada"));
    assert!(triaged.unused_vex.is_empty() && triaged.passed_over_vex.is_empty());
}

#[test]
fn statements_that_do_not_suppress_are_told_with_the_reason() {
    let told = |status, product| {
        let own = sources(Suppressions::Own, stating(status, &[product]), Revision::default());
        let triaged = triage(vec![vulnerable(1, &["CVE-1"], "pkg:npm/left@1.0.0")], &own);
        assert_eq!(triaged.findings[0].suppression, None);
        let reason = |notes: &[VexNote]| notes.first().map(|note| note.reason.clone()).unwrap_or_default();
        (reason(&triaged.unused_vex), reason(&triaged.passed_over_vex))
    };
    let (unused, passed) = told("not_affected", "pkg:npm/left@2.0.0");
    assert!(unused.contains("version 2.0.0") && passed.contains("version 2.0.0"), "{unused} / {passed}");
    let (unused, passed) = told("under_investigation", "pkg:npm/left");
    assert!(unused.is_empty() && passed.contains("lets nothing pass"), "{unused} / {passed}");
    let (unused, _) = told("not_affected", "pkg:npm/right");
    assert!(unused.contains("neither the product nor the package"), "{unused}");
}

/// A statement may be about the product and name the package as its part, or about the package by its digest.
#[test]
fn a_statement_may_name_the_project_the_package_of_the_record_or_a_digest() {
    let judge = |product: &str, products: ScannedProducts| {
        let sources = Sources {
            products,
            ..sources(Suppressions::Own, stating("fixed", &[product]), Revision::default())
        };
        verdict(vulnerable(1, &["CVE-1"], "pkg:npm/left@1.0.0"), &sources).is_some()
    };
    let mut products = ScannedProducts::default();
    assert!(!judge("shop", products.clone()) && !judge("pkg:npm/shop@1.0.0", products.clone()));
    products.subject.ids.push("shop".to_owned());
    products.records.insert("a.env".to_owned(), "pkg:npm/shop@1.0.0".parse().unwrap());
    assert!(judge("shop", products.clone()) && judge("pkg:npm/shop@1.0.0", products.clone()));
    assert!(!judge("pkg:npm/shop@2.0.0", products));
}
