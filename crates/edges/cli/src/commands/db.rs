use std::path::PathBuf;

use palisade_flow::{Context, DatabaseDiff, DatabaseReport, DatabaseSources, Exit, UpdateRequest};
use palisade_report::{printable, table};
use palisade_version::Scheme;
use serde_json::{Value, json};

use super::Done;
use crate::args::DatabaseCommand;
use crate::output::Output;

pub(super) fn db(context: &Context, output: &Output, command: &DatabaseCommand) -> Done {
    match command {
        DatabaseCommand::Build { feeds, taken, out } => {
            let sources = DatabaseSources {
                paths: feeds.iter().map(|feed| (feed.path.clone(), feed.ecosystems.clone())).collect(),
                taken: *taken,
            };
            let report = palisade_flow::build_database(context, &sources, out.as_deref())?;
            told(output, "built", &report)
        }
        DatabaseCommand::Import { folder, key } => {
            told(output, "imported", &palisade_flow::import_database(context, folder, key.as_deref())?)
        }
        DatabaseCommand::Update { from, ecosystem, key } => {
            let request =
                UpdateRequest { from: from.clone(), ecosystems: ecosystem.clone(), key: key.clone() };
            told(output, "updated", &palisade_flow::update_database(context, &request)?)
        }
        DatabaseCommand::Info => told(output, "in use", &palisade_flow::database_info(context)?),
        DatabaseCommand::Verify => verify(context, output),
        DatabaseCommand::Diff { old, new } => diff(output, &palisade_flow::diff_databases(old, new)?),
    }
}

/// One feed to build of: a path, and after `=` the ecosystems that it covers.
#[derive(Debug, Clone)]
pub(crate) struct FeedPath {
    pub(crate) path: PathBuf,
    pub(crate) ecosystems: Option<Vec<String>>,
}

impl std::str::FromStr for FeedPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, ecosystems) = match text.rsplit_once('=') {
            Some((path, list)) => (path, Some(list.split(',').map(str::to_owned).collect::<Vec<_>>())),
            None => (text, None),
        };
        let empty = ecosystems.iter().flatten().any(String::is_empty);
        if path.is_empty() || empty {
            return Err("write PATH, or PATH=ECOSYSTEM,ECOSYSTEM".to_owned());
        }
        // A feed for what no package is of would cover nothing without a word.
        let is_known =
            |name: &str| matches!(name, "Root" | "TuxCare") || Scheme::of_ecosystem(name).is_some();
        let unknown = ecosystems.iter().flatten().find(|name| !is_known(name));
        if let Some(name) = unknown {
            return Err(format!(
                "there is no ecosystem `{name}`; they are called as in OSV, such as npm, PyPI or Debian:13"
            ));
        }
        Ok(Self { path: PathBuf::from(path), ecosystems })
    }
}

fn told(output: &Output, what: &str, report: &DatabaseReport) -> Done {
    if output.is_json() {
        output.emit(&json!({ "schema": "palisade/db/v1", "database": described(report) }))?;
    } else {
        output.show(&text(what, report))?;
    }
    // A record that was lost is an advisory that nobody will be told of.
    Ok(if report.problems.is_empty() { Exit::Done } else { Exit::Incomplete })
}

fn described(report: &DatabaseReport) -> Value {
    json!({
        "path": report.path,
        "digest": report.manifest.database.digest,
        "bytes": report.manifest.database.size,
        "sequence": report.manifest.sequence,
        "built": report.manifest.built,
        "expires": report.manifest.expires,
        "records": report.contents.records,
        "feeds": report.contents.feeds,
        "known_exploited": report.contents.exploited,
        "exploitation": report.contents.probabilities,
        "problems": report.problems,
        "more_problems": report.more_problems,
    })
}

fn text(what: &str, report: &DatabaseReport) -> String {
    let manifest = &report.manifest;
    let mut text = String::new();
    for problem in &report.problems {
        text.push_str(&format!("not read: {}\n", printable(problem)));
    }
    if report.more_problems > 0 {
        text.push_str(&format!("not read: {} more\n", report.more_problems));
    }
    text.push_str(&format!(
        "{what}: {} records, {} bytes, number {}, good until {}\n{}\n",
        report.contents.records,
        manifest.database.size,
        manifest.sequence,
        manifest.expires,
        printable(&report.path.display().to_string()),
    ));
    let row = |feed: &palisade_flow::FeedFacts| {
        let covers = if feed.packages.is_empty() { "nothing as a whole".to_owned() } else { covered(feed) };
        vec![
            printable(&feed.feed.name).to_string(),
            format!("{} records", feed.records),
            format!("taken {}", feed.feed.taken),
            format!("covers {covers}"),
        ]
    };
    text.push_str(&table(&report.contents.feeds.iter().map(row).collect::<Vec<_>>()));
    for (name, facts) in
        [("known exploited", &report.contents.exploited), ("exploitation", &report.contents.probabilities)]
    {
        if let Some(facts) = facts {
            text.push_str(&format!("{name}: {} entries, {}\n", facts.rows, printable(&facts.version)));
        }
    }
    text
}

fn covered(feed: &palisade_flow::FeedFacts) -> String {
    let names: Vec<&str> = feed.packages.keys().map(String::as_str).take(6).collect();
    let more = feed.packages.len().saturating_sub(names.len());
    let list = printable(&names.join(", ")).to_string();
    if more > 0 { format!("{list} and {more} more") } else { list }
}

fn verify(context: &Context, output: &Output) -> Done {
    let (report, wrong) = palisade_flow::verify_database(context)?;
    if output.is_json() {
        output.emit(&json!({
            "schema": "palisade/db-verify/v1",
            "database": described(&report),
            "wrong": wrong,
        }))?;
    } else if wrong.is_empty() {
        output.show(&text("whole and signed", &report))?;
    } else {
        let lines = wrong.iter().map(|wrong| format!("the database {}\n", printable(wrong)));
        output.show(&lines.collect::<String>())?;
    }
    Ok(if wrong.is_empty() { Exit::Done } else { Exit::Denied })
}

fn diff(output: &Output, diff: &DatabaseDiff) -> Done {
    if output.is_json() {
        output.emit(&json!({
            "schema": "palisade/db-diff/v1",
            "added": diff.added,
            "changed": diff.changed,
            "withdrawn": diff.withdrawn,
            "removed": diff.removed,
        }))?;
        return Ok(Exit::Done);
    }
    let lists = [("+", &diff.added), ("~", &diff.changed), ("w", &diff.withdrawn), ("-", &diff.removed)];
    let lines =
        lists.iter().flat_map(|(sign, ids)| ids.iter().map(move |id| format!("{sign} {}\n", printable(id))));
    output.show(&lines.collect::<String>())?;
    Ok(Exit::Done)
}
