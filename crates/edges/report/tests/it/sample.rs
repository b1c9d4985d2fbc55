//! One scan with everything a report can show, and with text that wants to be more than text.

use palisade_model::{
    AffectedPackage, Asset, CommitId, CommitRef, Confidence, Coverage, Digest, Encoding, EngineReport,
    Excerpt, Exploitation, Finding, FixAdvice, Form, Gap, GapKind, History, IgnoreEntry, KnownExploited,
    Location, Position, Relation, RepoPath, RuleId, RuleInfo, ScanReport, Scope, Score, Severity, Source,
    Span, Suppression, SuppressionKind, Timestamp, VexNote, Waiver,
};
use palisade_report::{Extent, ScanOrigin, ScanView};

/// What a file would be called by somebody who attacks whoever reads the report: markup, an escape for terminals, a turn of
/// direction, a command for GitHub.
pub(crate) const HOSTILE: &str = "<img src=x onerror=alert(1)>\u{1b}[2J\u{202e}\n::error::\"'&";

pub(crate) fn report() -> ScanReport {
    let gaps = vec![
        Gap::new(None, GapKind::DataMissing, "3 objects are missing; fetch them"),
        Gap::new(Some(path(HOSTILE)), GapKind::Unreadable, format!("permission denied{HOSTILE}")),
        Gap::new(Some(path("sub")), GapKind::Noted, "a repository of its own"),
    ];
    let engine = EngineReport {
        work: None,
        engine: "secrets".into(),
        version: "1.2.3".into(),
        rules: Digest::of(b""),
        rule_count: 199,
        coverage: Coverage { looked_at: 12, bytes: 34_567, not_applicable: 0, gaps },
    };
    let rule = rule();
    ScanReport {
        engines: vec![engine],
        findings: vec![hostile(), packed(), past(), waived(), ignored(), flawed(), unrated()],
        rules: [rule, rule_of_packages()].map(|rule| (rule.id.clone(), rule)).into(),
    }
}

pub(crate) struct Extras {
    unused: Vec<Waiver>,
    ignores: Vec<IgnoreEntry>,
    statements: Vec<VexNote>,
    pub(crate) source: Source,
}

pub(crate) fn extras() -> Extras {
    let waiver = Waiver {
        fingerprint: "ff".repeat(16).parse().unwrap(),
        reason: "old".into(),
        until: "2026-12-31".parse().unwrap(),
        owner: None,
    };
    let source = Source::Git {
        commit: Some(commit('e')),
        branch: Some("main".into()),
        remote: Some("https://example.com/shop.git".into()),
    };
    let ignores = vec![IgnoreEntry { file: ".gitleaksignore".into(), line: 3 }];
    let statement = VexNote {
        file: "palisade.vex.json".into(),
        statement: 2,
        vulnerability: "CVE-2026-10001".into(),
        status: "not_affected".into(),
        package: None,
        reason: format!("it is about version 2.0.0, not 1.0.0{HOSTILE}"),
    };
    Extras { unused: vec![waiver], ignores, statements: vec![statement], source }
}

pub(crate) fn view<'a>(report: &'a ScanReport, extras: &'a Extras) -> ScanView<'a> {
    ScanView {
        report,
        extent: Extent::Tree,
        unused: &extras.unused,
        expired: &[],
        unused_baseline: 2,
        unused_ignores: &extras.ignores,
        unused_vex: &extras.statements,
        passed_over_vex: &extras.statements,
        denied: &[],
        until: "2026-06-08",
    }
}

pub(crate) fn origin(extras: &Extras) -> ScanOrigin<'_> {
    ScanOrigin {
        version: "1.2.3",
        source: &extras.source,
        image: None,
        started: "2026-03-10T08:00:00.123456789Z".parse().unwrap(),
        ended: "2026-03-10T08:00:02Z".parse().unwrap(),
    }
}

fn path(text: &str) -> RepoPath {
    RepoPath::from_bytes(text).unwrap()
}

fn commit(digit: char) -> CommitId {
    digit.to_string().repeat(40).parse().unwrap()
}

fn rule() -> RuleInfo {
    RuleInfo {
        id: RuleId::new("github-pat").unwrap(),
        title: "GitHub token".into(),
        severity: Severity::Critical,
        confidence: Confidence::High,
        cwe: vec![798],
        tags: vec!["vendor:github".into()],
        why: "It acts as\nits owner.\n\nMore.".into(),
        fix: "Revoke it.".into(),
        source: Some("https://docs.github.com/".into()),
    }
}

fn rule_of_packages() -> RuleInfo {
    RuleInfo {
        id: RuleId::new("known-vulnerability").unwrap(),
        title: "Package with a known vulnerability".into(),
        severity: Severity::High,
        confidence: Confidence::High,
        cwe: vec![1395],
        tags: vec!["dependencies".into()],
        why: "An advisory names it.".into(),
        fix: "Take the version that the finding names.".into(),
        source: Some("https://ossf.github.io/osv-schema/".into()),
    }
}

fn finding(number: u8, file: &str) -> Finding {
    let location = Location {
        path: path(file),
        members: Vec::new(),
        start: Position { line: 3, column: 7 },
        end: Position { line: 3, column: 47 },
        bytes: Span::new(40, 80),
    };
    let excerpt = Excerpt { text: "TOKEN=ghp_••••4kQz".into(), mark_start: 6, mark_end: 18 };
    let fingerprint = format!("{number:02x}").repeat(16).parse().unwrap();
    let plain = Finding::of_rule("secrets", &rule(), location, excerpt, fingerprint);
    Finding { message: "checksum is valid".into(), ..plain }
}

/// Everything that may come from a repository is hostile.
fn hostile() -> Finding {
    let asset = Asset {
        host: Some(format!("db{HOSTILE}:5432")),
        user: Some(format!("=cmd(){HOSTILE}")),
        database: Some(HOSTILE.into()),
    };
    Finding {
        title: format!("Key{HOSTILE}"),
        excerpt: Excerpt { text: format!("=1+1{HOSTILE}"), mark_start: 0, mark_end: 4 },
        asset: Some(asset),
        ..finding(1, HOSTILE)
    }
}

fn packed() -> Finding {
    let mut packed = finding(2, "dist/app.tar");
    packed.location.members = vec!["b.zip".into(), HOSTILE.into()];
    packed.encodings = vec![Encoding::Base64, Encoding::Hex];
    packed.form = Form::Valid;
    packed
}

fn past() -> Finding {
    let reference = |digit, author: &str, time: &str| CommitRef {
        id: commit(digit),
        author: author.into(),
        email: "+ada@example.com".into(),
        time: time.parse::<Timestamp>().unwrap(),
        subject: format!("@add{HOSTILE}"),
    };
    let history = History {
        object: "d".repeat(40),
        first: Some(reference('a', "-Ada", "2025-01-02T03:04:05Z")),
        last: Some(reference('b', "Bob", "2025-02-03T04:05:06Z")),
        paths: vec![path("=old.env"), path("shop.env")],
        more_paths: true,
        objects: 2,
        in_head: false,
        reachable: true,
    };
    Finding { history: Some(history), form: Form::Impossible, ..finding(3, "=old.env") }
}

fn waived() -> Finding {
    let suppression = Suppression {
        kind: SuppressionKind::Waiver,
        reason: format!("a test account{HOSTILE}"),
        owner: Some("ada".into()),
        until: Some("2027-01-01".into()),
        self_granted: true,
    };
    Finding { suppression: Some(suppression), ..finding(4, "waived.env") }
}

fn ignored() -> Finding {
    let suppression = Suppression {
        kind: SuppressionKind::IgnoreFile,
        reason: "listed in .gitleaksignore line 1".into(),
        owner: None,
        until: None,
        self_granted: false,
    };
    Finding { suppression: Some(suppression), ..finding(5, "ignored.env") }
}

/// A flaw of a package, exploited, with every score that there may be; what an advisory says is hostile, too.
fn flawed() -> Finding {
    let score = |vector: &str, base_tenths, severity| Score {
        advisory: "GHSA-aaaa-bbbb-cccc".into(),
        vector: vector.into(),
        base_tenths: Some(base_tenths),
        severity,
    };
    let affected = AffectedPackage {
        purl: "pkg:npm/%40acme/leftish@1.2.3".parse().unwrap(),
        scope: Scope::Prod,
        relation: Relation::Transitive,
        path: vec!["topper@1.0.0".into(), "@acme/leftish@1.2.3".into()],
        advisories: vec!["CVE-2026-0001".into(), "GHSA-aaaa-bbbb-cccc".into(), format!("=X-{HOSTILE}")],
        scores: vec![
            score("AV:N/AC:L/Au:N/C:P/I:P/A:P", 75, Severity::High),
            score("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61, Severity::Medium),
            score("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", 69, Severity::Medium),
        ],
        severity_source: Some("CVSS_V4 of GHSA-aaaa-bbbb-cccc".into()),
        base_tenths: Some(69),
        severity_unknown: false,
        exploitation: Some(Exploitation {
            probability: "0.54321".into(),
            percentile: "0.98765".into(),
            date: "2026-11-20".into(),
        }),
        known_exploited: Some(KnownExploited {
            added: "2026-02-03".into(),
            due: "2026-02-24".into(),
            ransomware: true,
        }),
        fix: Some(FixAdvice {
            version: "1.2.5".into(),
            same_branch: true,
            others: vec!["2.1.0".into()],
            advice: "raise topper, or override @acme/leftish with 1.2.5 in package.json".into(),
        }),
        references: vec!["https://advisories.example/1".into(), "javascript:alert(1)".into()],
    };
    of_package(6, format!("CVE-2026-0001: it is broken{HOSTILE}"), affected)
}

/// One of which nobody says how severe it is.
fn unrated() -> Finding {
    let purl = "pkg:golang/example.com/shop@v1.0.0".parse().unwrap();
    let affected = AffectedPackage {
        path: vec!["example.com/shop@v1.0.0".into()],
        advisories: vec!["GO-2026-0001".into()],
        severity_unknown: true,
        ..AffectedPackage::new(purl, Scope::Prod, Relation::Direct)
    };
    of_package(7, "GO-2026-0001: it is broken".into(), affected)
}

fn of_package(number: u8, title: String, affected: AffectedPackage) -> Finding {
    let text = affected.path.last().unwrap().clone();
    Finding {
        engine: "deps".into(),
        rule: RuleId::new("known-vulnerability").unwrap(),
        title,
        severity: Severity::High,
        message: "no mended version is known".into(),
        excerpt: Excerpt { mark_start: 0, mark_end: u32::try_from(text.chars().count()).unwrap(), text },
        package: Some(Box::new(affected)),
        ..finding(number, "package-lock.json")
    }
}
