//! The scanner itself: nothing that it says holds a secret, whatever a secret is wrapped in, and no input makes it slow, large or
//! silent.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use palisade_model::{Engine, Entry, EntryKind, EntryMeta, Finding, Gap, GapKind, RepoPath, Sink};
use palisade_rulefile::{Expanded, Mark, RuleFile};
use palisade_secrets::{MAX_FINDINGS, Profile, SecretsEngine};

use crate::examples::{SALT, SHIPPED, load};
use crate::leaks::{leak, public, secret};
use crate::text::{BASE62, TOKEN, random};

/// Every way in which a text may be wrapped.
fn wrappings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let every = |form: &dyn Fn(u8) -> String| text.bytes().map(form).collect::<String>().into_bytes();
    let sparse = |form: &dyn Fn(u8) -> String| {
        every(&|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { form(byte) })
    };
    let base64 = STANDARD.encode(format!("some words before it\n{text}"));
    let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    vec![
        ("base 64", base64.clone().into_bytes()),
        ("base 64 twice", STANDARD.encode(&base64).into_bytes()),
        ("base 64 for URLs", URL_SAFE_NO_PAD.encode(format!("some words before it\n{text}")).into_bytes()),
        ("hexadecimal", every(&|byte| format!("{byte:02x}"))),
        ("percent", every(&|byte| format!("%{byte:02X}"))),
        ("some percent", sparse(&|byte| format!("%{byte:02X}"))),
        ("unicode", every(&|byte| format!("\\u{byte:04x}"))),
        ("octal", every(&|byte| format!("\\{byte:03o}"))),
        ("character codes", every(&|byte| format!("chr({byte})."))),
        ("some html", sparse(&|byte| format!("&#{byte};"))),
        ("some quoted-printable", sparse(&|byte| format!("={byte:02X}"))),
        ("a string in JSON", serde_json::to_vec(text).unwrap()),
        ("UTF-16, little-endian", wide(u16::to_le_bytes)),
        ("UTF-16, big-endian", wide(u16::to_be_bytes)),
    ]
}

fn entry<'e>(path: &'e RepoPath, members: &'e [String], bytes: &'e [u8]) -> Entry<'e> {
    let meta = EntryMeta { path, kind: EntryKind::File, size: bytes.len() as u64, members };
    Entry { meta, bytes }
}

/// Findings and gaps, and all that can be said about them.
fn everything_said(engine: &SecretsEngine, entry: &Entry<'_>) -> (Vec<Finding>, String) {
    let mut sink = Sink::new();
    let reading = engine.read(entry.bytes);
    let reported = engine.reported(entry, &reading, &mut sink);
    let marks = engine.marks(entry.bytes, &reading);
    let debug = format!("{reported:?} {reading:?} {marks:?} {engine:?}");
    let findings: Vec<_> = reported.into_iter().map(|reported| reported.finding).collect();
    let gaps = serde_json::to_string(&sink.into_parts().1).unwrap();
    (findings.clone(), format!("{} {gaps} {debug}", serde_json::to_string(&findings).unwrap()))
}

/// Secrets of an example that is to be found, with what stands around them anyway.
fn secrets(expanded: &Expanded) -> impl Iterator<Item = &[u8]> {
    let own = |mark: &Mark| secret(expanded, mark);
    expanded.marks.iter().map(own).filter(|secret| secret.len() >= 8)
}

/// What findings say of every rule in any case.
fn names(rules: &[RuleFile]) -> String {
    rules.iter().map(|rule| format!("{} {} ", rule.info.id, rule.info.title.to_lowercase())).collect()
}

fn all_rules() -> Vec<RuleFile> {
    load().0.into_iter().map(|loaded| loaded.rule).collect()
}

/// Rules for what stands in lines.
const UNSEEN_IN_ONE_LINE: &[&str] = &[
    "game-server-password",
    "generic-assignment",
    "netrc-password",
    "password-file-hash",
    "shell-command-password",
];

#[test]
fn nothing_wrapped_is_shown_in_any_profile() {
    let rules = all_rules();
    let names = names(&rules);
    let engines: Vec<_> = [Profile::Strict, Profile::Paranoid]
        .map(|profile| SecretsEngine::of_shipped(rules.clone(), SALT).unwrap().with_profile(profile))
        .into();
    let (mut checked, mut wrapped_findings) = (0, 0);
    let mut leaks = Vec::new();
    for rule in &rules {
        for (index, (example, expanded)) in rule.expanded_examples().enumerate() {
            let path = RepoPath::from_bytes(example.path.as_bytes()).unwrap();
            let mut texts = vec![("as it is", expanded.text.clone().into_bytes())];
            // One example of each rule in every wrapping; the others only say the same again.
            texts.extend((index == 0).then(|| wrappings(&expanded.text)).into_iter().flatten());
            let pairs = texts.iter().flat_map(|text| engines.iter().map(move |engine| (text, engine)));
            // Strict finds less of the same.
            for ((kind, text), engine) in
                pairs.enumerate().filter_map(|(at, pair)| (at < 2 || at % 2 == 1).then_some(pair))
            {
                let (findings, said) = everything_said(engine, &entry(&path, &[], text));
                wrapped_findings += usize::from(*kind != "as it is") * findings.len();
                let public = || names.clone() + &public(&expanded);
                // Of the literal `b"..."` in a string of JSON the rule sees nothing, so that it is like any text around a finding.
                // Nor are the lines of a file seen once they are one line.
                let unseen = matches!(*kind, "a string in JSON" | "some quoted-printable")
                    && UNSEEN_IN_ONE_LINE.contains(&rule.info.id.as_str());
                for secret in secrets(&expanded).filter(|_| !unseen) {
                    checked += 1;
                    // What it is wrapped in must not be shown either.
                    let shown = leak(&said, secret, "").and_then(|_| leak(&said, secret, &public()));
                    leaks.extend(shown.map(|shown| format!("{} {kind}: {shown}", rule.info.id)));
                }
            }
        }
    }
    assert_eq!(leaks, [""; 0]);
    assert!(checked > 7_000 && wrapped_findings > 8 * rules.len(), "{checked} {wrapped_findings}");
}

#[test]
fn names_of_files_and_members_are_shown_without_secrets() {
    let rules = all_rules();
    let names = names(&rules);
    let mut checked = 0;
    for rule in &rules {
        for (_, expanded) in rule.expanded_examples() {
            for secret in secrets(&expanded).filter(|secret| SHIPPED.names_secret(secret)) {
                let token = String::from_utf8(secret.to_vec()).unwrap();
                let Ok(path) = RepoPath::from_bytes(format!("a/{token}.txt").as_bytes()) else { continue };
                let plain = RepoPath::from_bytes("a.zip").unwrap();
                let members = [format!("{token}.zip"), format!("b/{token}")];
                let content = format!("token={}\n", TOKEN.as_str()).into_bytes();
                for entry in [entry(&path, &[], &content), entry(&plain, &members, &content)] {
                    let (findings, said) = everything_said(&SHIPPED, &entry);
                    assert!(findings.len() >= 2, "{}", rule.info.id);
                    let shown = leak(&said, secret, "").and_then(|_| leak(&said, secret, &names));
                    assert_eq!(shown, None, "{}: {said}", rule.info.id);
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 300, "only {checked} names were checked");
}

/// Names that are the password again, as lazy people choose them, and files and lines that repeat it.
#[test]
fn what_is_said_beside_a_secret_does_not_repeat_it() {
    let secret = random(BASE62, 14, 7);
    let texts = [
        format!("url = \"postgres://{secret}:{secret}@db.acme.io/app\"\n"),
        format!("url = \"postgres://app:{secret}@db.acme.io/{secret}\"\n"),
        format!("url = \"postgres://app:{secret}@{secret}.acme.io/app\" # {secret}\n"),
        format!("url = \"redis://{secret}:{secret}@{secret}:6379/0\"\n"),
        format!("curl -u {secret}:{secret} https://{secret}.acme.io/{secret}\n"),
        format!("{secret}_password = \"{secret}\"  # palisade:allow * reason=\"{secret}\"\n"),
        format!("# gitleaks:allow {secret}\npassword = \"{secret}\"\n"),
    ];
    let mut found = 0;
    for text in texts {
        for path in ["a.py", "a.sh", ".env"] {
            let path = RepoPath::from_bytes(path).unwrap();
            let (findings, said) = everything_said(&SHIPPED, &entry(&path, &[], text.as_bytes()));
            found += findings.len();
            assert_eq!(leak(&said, secret.as_bytes(), ""), None, "{said}");
        }
    }
    assert!(found >= 12, "{found}");
}

/// A panic prints its message. Outside of tests the lints let none be written without a reason, and a reason is counted here.
#[test]
fn no_panic_can_print_what_was_read() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut folders = vec![std::path::PathBuf::from(source)];
    let mut exceptions = Vec::new();
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|end| end != "rs") {
                continue;
            }
            files += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lints =
                ["clippy::panic", "clippy::unwrap_used", "clippy::expect_used", "clippy::string_slice"];
            let excepted = lints.iter().any(|lint| code.contains(lint));
            let prints = ["println!(", "dbg!(", "eprint!("].iter().any(|print| code.contains(print));
            if excepted || prints {
                exceptions.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    exceptions.sort();
    assert!(files > 25);
    // A shipped rule whose regex does not compile: the message is the compiler's, about the rule.
    assert_eq!(exceptions, ["compile.rs"]);
}

/// Bytes of each hostile input. The whole size is for optimised builds; what is asserted is for each byte.
const SIZE: usize = if cfg!(debug_assertions) { 1 << 19 } else { 64 << 20 };
/// Most CPU time for each MiB of the worst input, in seconds. An optimised build takes 1.2 for many keywords.
const CPU_PER_MIB: f64 = if cfg!(debug_assertions) { 30.0 } else { 2.0 };
/// Most memory for each byte of input, besides what the engine and the input take. Keywords that overlap at every byte are the worst.
const MEMORY_RATIO: usize = 34;
/// What is taken once: regexes that are compiled when they are first tried, the memory of argon2id, as many candidates as there may be.
const MEMORY_ONCE: usize = 96 << 20;

/// Inputs made to hurt, each with a token at its very end.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let storms = [
        ("one character", "a"),
        ("joined strings", "\"+"),
        ("joined strings on lines", "\"\n"),
        ("percent", "%41"),
        ("unicode", "\\u0061"),
        ("octal", "\\101"),
        ("character codes", "chr(65)."),
        ("lists of codes", "byte{65,65,65,65,65,65,65,65,"),
        ("joined lists", "['a','b'].join('')"),
        ("joins in strings", "'\"\".join(',"),
        ("html", "&#97;"),
        ("entities", "&amp;"),
        ("quoted-printable", "=\n"),
        ("continued lines", "\\\n"),
        ("keywords", "password="),
        ("keywords and values", "password=\"aB3-"),
        ("many keywords", "ghp_AKIAeyJxoxb-sk_live_secret token api_key://a:b@-----BEGIN PRIVATE KEY-----"),
        ("base 64", "c29tZSB0ZXh0IGhlcmUg"),
        ("short base 64", "c29tZSB0ZXh0IGhlcmUgaGVyZSBh\n"),
        ("hexadecimal", "68656c6c6f20776f726c642068656c6c6f20"),
        ("zeros", "\0"),
        ("wide text", "p\0a\0s\0s\0"),
        ("short wide text", "p\0a\0s\0s\0w\0o\0r\0d\0=\0a\0b\0c\0d\0\x01\x01"),
        ("colons", "://a:b@"),
    ];
    let end = format!(" \n\n  {}\n", TOKEN.as_str());
    let storm = |text: &str| [text.repeat(SIZE / text.len()).as_bytes(), end.as_bytes()].concat();
    let mut inputs: Vec<_> = storms.iter().map(|(name, text)| (*name, storm(text))).collect();
    let mut nested = random("abcdefgh =", SIZE / 6, 1);
    for _ in 0..6 {
        nested = STANDARD.encode(format!("some text before it {nested}"));
    }
    // Each costs a run of argon2id; so many do as an entry may have findings.
    let password = |at: usize| format!("password = \"{}-{at}!\"\n", random(BASE62, 12, at as u64));
    let passwords: String = (0..(SIZE / 36).min(40_000)).map(password).collect();
    inputs.push(("distinct passwords", [passwords.as_bytes(), end.as_bytes()].concat()));
    inputs.push(("base 64, six deep", [nested.as_bytes(), end.as_bytes()].concat()));
    inputs
}

fn raw(engine: &SecretsEngine, bytes: &[u8]) -> (Vec<Finding>, Vec<Gap>) {
    let path = RepoPath::from_bytes("a.bin").unwrap();
    let mut sink = Sink::new();
    engine.entry(&entry(&path, &[], bytes), &mut sink);
    sink.into_parts()
}

/// What stands in a line of `/proc/self/status`, in bytes.
#[cfg(target_os = "linux")]
fn status(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse::<usize>().unwrap() * 1024
}

/// Runs in a process of its own, because the memory of a process is that of all its tests.
#[cfg(target_os = "linux")]
#[test]
fn hostile_inputs_take_bounded_time_and_memory_and_hide_nothing() {
    const CHILD: &str = "PALISADE_HOSTILE_CHILD";
    let name = "security::hostile_inputs_take_bounded_time_and_memory_and_hide_nothing";
    if std::env::var_os(CHILD).is_none() {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .env(CHILD, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout) + String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success(), "{said}");
        assert!(said.contains("hostile inputs: 26"), "{said}");
        return;
    }
    let mut failures = Vec::new();
    let inputs = hostile();
    let engine = SecretsEngine::of_shipped(all_rules(), SALT).unwrap();
    let count = inputs.len();
    // What the engine takes itself, and all inputs.
    raw(&engine, &inputs[0].1[..1000]);
    let base = status("VmHWM:");
    for (name, bytes) in inputs {
        let before = crate::text::cpu_time();
        let (findings, gaps) = raw(&engine, &bytes);
        let seconds = (crate::text::cpu_time() - before) as f64 / 1e9;
        let found = findings.iter().any(|finding| finding.location.bytes.end + 1 == bytes.len());
        let cut = gaps.iter().any(|gap| gap.kind == GapKind::BudgetHit);
        let peak = status("VmHWM:");
        println!("{name}: {seconds:.2} s, {} findings, cut {cut}, peak {} MiB", findings.len(), peak >> 20);
        if !found && !cut {
            failures.push(format!("{name}: the token at the end is neither found nor a gap"));
        }
        if findings.len() > 2 * MAX_FINDINGS {
            failures.push(format!("{name}: {} findings", findings.len()));
        }
        if seconds > CPU_PER_MIB * SIZE as f64 / f64::from(1 << 20) {
            failures.push(format!("{name}: {seconds} s"));
        }
        if peak > base + MEMORY_ONCE + MEMORY_RATIO * SIZE {
            failures.push(format!("{name}: {} MiB", peak >> 20));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    println!("hostile inputs: {count}");
}
