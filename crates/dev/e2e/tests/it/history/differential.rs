//! What is found in deltas is what is found in whole files: bench/history-scan/differential.py on repositories made at random.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use palisade_testkit::{Account, Answer, Project, palisade};

use super::{git, repository};
use crate::token;

const TOOL: &str = "../../../bench/history-scan/differential.py";

/// Runs the tool with `program` in the place of palisade.
fn compare(program: &Path, project: &Project) -> Answer {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join(TOOL);
    let mut command = Command::new("python3");
    command.arg("-B").arg(tool).arg("--palisade").arg(program).arg(project.root());
    Answer::of(&mut command, b"")
}

/// Numbers that look random, from splitmix64 (Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((word ^ (word >> 31)) % limit as u64).unwrap()
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    /// A line of one of the kinds that a file may have, with a secret in it now and then; a minified file's end with no newline.
    fn line(&mut self, kind: &str) -> String {
        let number = self.below(1000);
        let word = token::word(self.below(40) as u64);
        let secret = token::github(self.below(30) as u64);
        let encoded = token::base64(format!("token={secret}").as_bytes());
        let name =
            self.of(&["password", "api_key", "user", "client_secret", "title", "colour", "DB_PASSWORD"]);
        let value = match self.below(9) {
            0 => secret,
            1 | 2 => word,
            3 => encoded,
            4 => format!("postgres://admin:{word}@db{number}.example.net/app"),
            5 => format!("{}\" + \"{}", secret.get(..12).unwrap(), secret.get(12..).unwrap()),
            _ => format!("plain {number}"),
        };
        match kind {
            "env" => format!("{}_{number}={value}\n", name.to_uppercase()),
            "yaml" => format!("  {name}: {value}\n"),
            "json" => format!("  \"{name}{}\": \"{value}\",\n", self.below(3)),
            "xml" => format!("  <{name}>{value}</{name}>\n"),
            "md" => format!("Set `{name}` to {value}, see page {number}.\n"),
            "min" => format!("var a{number}=function(b){{return b+{number}}};c.{name}=\"{value}\";"),
            _ => format!("    {name} = \"{value}\"  # {number}\n"),
        }
    }
}

struct File {
    path: String,
    kind: &'static str,
    lines: Vec<String>,
}

/// First lines and last lines that give the rest another meaning.
const FRAMES: [(&str, &str); 9] = [
    ("", ""),
    ("apiVersion: v1\nkind: Secret\ndata:\n", ""),
    ("apiVersion: v1\nkind: ConfigMap\ndata:\n", ""),
    ("$ANSIBLE_VAULT;1.1;AES256\n", ""),
    ("", "sops:\n  mac: ENC[AES256_GCM,data:x,type:str]\n  version: 3.8.1\n"),
    ("{\n", "}\n"),
    ("<configuration>\n", "</configuration>\n"),
    ("<!-- ", " -->"),
    ("\u{feff}", "\0"),
];

impl File {
    fn new(number: usize, dice: &mut Dice) -> Self {
        let (kind, names) = [
            ("env", &["prod.env", ".env", "app.properties"][..]),
            ("yaml", &["values.yaml", "secret.yml", "compose.yaml"]),
            ("json", &["config.json", "package.json", "state.tfstate"]),
            ("xml", &["web.config", "pom.xml"]),
            ("md", &["README.md", "notes.txt"]),
            ("min", &["app.min.js", "bundle.js"]),
            ("code", &["main.py", "lib.rs", "deploy.sh", "noext"]),
        ][number % 7];
        let count = if kind == "min" { 400 } else { 10 + dice.below(150) };
        let lines = (0..count).map(|_| dice.line(kind)).collect();
        Self { path: format!("dir{}/{}{}", number % 4, number, dice.of(names)), kind, lines }
    }

    fn edit(&mut self, dice: &mut Dice) {
        let at = dice.below(self.lines.len());
        match dice.below(10) {
            0..=2 => self.lines.insert(at, dice.line(self.kind)),
            3 if self.lines.len() > 5 => drop(self.lines.remove(at)),
            4 => self.lines[at] = dice.line(self.kind),
            5 => {
                let other = dice.below(self.lines.len());
                self.lines.swap(at, other);
            }
            // A few bytes within a line: a secret may grow, shrink or change, and so may the name before it.
            6..=8 => {
                let mut line: Vec<char> = self.lines[at].chars().collect();
                let place = dice.below(line.len() + 1);
                let bytes = dice.of(&["x", "7", "\"", " ", "\n", "=", "word", "\u{e9}"]);
                line.splice(place..(place + dice.below(3)).min(line.len()), bytes.chars());
                self.lines[at] = line.into_iter().collect();
                if self.lines[at].is_empty() {
                    self.lines[at].push('\n');
                }
            }
            _ => {
                let frame = FRAMES[dice.below(FRAMES.len())];
                self.lines.retain(|line| !FRAMES.iter().any(|(head, tail)| line == head || line == tail));
                self.lines.insert(0, frame.0.to_owned());
                self.lines.push(frame.1.to_owned());
            }
        }
    }

    fn bytes(&self, commit: usize) -> Vec<u8> {
        let text = self.lines.concat();
        match commit % 41 {
            5 => text.replace('\n', "\r\n").into_bytes(),
            9 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            _ => text.into_bytes(),
        }
    }
}

/// A repository of that many commits, packed as tightly as git can.
fn random(seed: u64, commits: usize) -> Project {
    let (project, mut dice) = (repository(), Dice(seed));
    let mut files: Vec<File> = (0..14).map(|number| File::new(number, &mut dice)).collect();
    let mut stream = Vec::new();
    for commit in 0..commits {
        let mut changed: Vec<usize> = (0..=dice.below(3)).map(|_| dice.below(files.len())).collect();
        if commit == 0 {
            changed = (0..files.len()).collect();
        }
        for &at in &changed {
            files[at].edit(&mut dice);
            if dice.below(6) == 0 {
                // Some lines of another file.
                let from = dice.below(files.len());
                let start = dice.below(files[from].lines.len());
                let taken: Vec<_> = files[from].lines.iter().skip(start).take(9).cloned().collect();
                let place = dice.below(files[at].lines.len());
                files[at].lines.splice(place..place, taken);
            }
        }
        let mut head = String::new();
        writeln!(head, "commit refs/heads/main\ncommitter A <a@b> {} +0000", 1_700_000_000 + commit * 60)
            .unwrap();
        let message =
            if commit % 50 == 7 { token::github(commit as u64) } else { format!("commit {commit}") };
        write!(head, "data {}\n{message}\n", message.len()).unwrap();
        stream.extend(head.into_bytes());
        for at in changed {
            if dice.below(25) == 0 {
                let path = format!("moved/{commit}/{}", files[at].path.rsplit('/').next().unwrap());
                stream.extend(format!("D {}\n", std::mem::replace(&mut files[at].path, path)).into_bytes());
            }
            let bytes = files[at].bytes(commit);
            stream.extend(format!("M 100644 inline {}\ndata {}\n", files[at].path, bytes.len()).into_bytes());
            stream.extend(bytes);
            stream.push(b'\n');
        }
    }
    let mut import = Command::new("git");
    import.args(["fast-import", "--quiet"]).current_dir(project.root());
    Answer::of(&mut import, &stream).expect(0);
    git(project.root(), &["gc", "--quiet", "--aggressive", "--prune=now"]);
    project
}

/// `DIFFERENTIAL_SEEDS` asks for more repositories than these two.
#[test]
fn deltas_give_what_whole_files_give() {
    let seeds = std::env::var("DIFFERENTIAL_SEEDS").map_or(2, |text| text.parse().unwrap());
    for seed in 0..seeds {
        let project = random(seed, 200);
        let index = super::pack(&project, "idx");
        let stats = git(project.root(), &["verify-pack", "-s", index.to_str().unwrap()]);
        assert!(stats.contains("chain length = 9"), "there are chains of deltas: {stats}");
        let answer = compare(palisade(), &project);
        eprintln!("{seed}: {}", answer.stdout);
        assert_eq!(answer.code, 0, "seed {seed}: {answer}");
        assert!(answer.stdout.contains("gaps 0 and 0"), "seed {seed}: {answer}");
        let found = answer.stdout.lines().last().and_then(|line| line.split(' ').next()).unwrap();
        assert!(found.parse::<usize>().unwrap() > 60, "seed {seed}: {answer}");
    }
}

/// The comparison can fail: here the history that is scanned is an empty one.
#[test]
fn a_scan_that_misses_something_is_noticed() {
    let (project, empty, account) = (random(7, 3), repository(), Account::new());
    let program: PathBuf = account.home().join("palisade");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *--history*) exec '{0}' scan --format json --history '{1}';; *) exec '{0}' \"$@\";; esac\n",
        palisade().display(),
        empty.root().display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    compare(&program, &project).expect(1).says("only in the files: github-pat");
}
