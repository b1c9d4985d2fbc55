//! The use cases: what the command line and, later, the server offer is decided here once.
//!
//! Puts the engines in their order and carries values between them. Parses nothing itself, shows nothing, and touches the outside
//! world only through [`Context`], the sources, the runner and the store. Every use case takes a [`Context`] and returns a result or a
//! [`FlowError`]; both know their exit code.
//!
//! Start at [`run`]: the whole path. [`worker_main`] and [`sandbox_main`] are the two other lives of the same program.

#![forbid(unsafe_code)]

mod advisories;
mod bills;
mod checkpoints;
mod context;
mod credential_helper;
mod deciding;
mod doctor;
mod document;
mod engines;
mod error;
mod execution;
mod exit;
mod gate;
mod history;
mod history_scan;
mod hooks;
mod image_place;
mod image_records;
mod image_scan;
mod image_system;
mod init;
mod keys;
mod ledger;
mod plan;
mod policy;
mod project;
mod recording;
mod recovery;
mod releasing;
mod rules;
mod run;
mod scan;
mod scanning;
mod snapshot;
mod source;
mod statements;
mod suppress;
mod verify;
mod vex;
mod waive;
mod worker;

pub use advisories::{
    DatabaseContents, DatabaseDiff, DatabaseReport, DatabaseSources, UpdateRequest, build_database,
    database_info, diff_databases, import_database, update_database, verify_database,
};
pub use bills::{
    ComparedBills, ConvertedBill, CreatedBill, bill_of_scan, convert_bill, create_bill, diff_bills,
};
pub use context::{AskPassphrase, Context, UserFolders};
pub use credential_helper::HelperEnvironment;
pub use doctor::{Diagnosis, doctor};
pub use engines::EngineName;
pub use error::{BadDocument, FlowError};
pub use exit::Exit;
pub use gate::{GateQuestion, gate, gate_test};
pub use history::{RunSummary, StepLog, logs, runs};
pub use hooks::{
    GitSurroundings, Hook, HookChange, HookState, Push, install_hooks, scan_commit, scan_push,
    uninstall_hooks,
};
pub use image_place::ImageRequest;
pub use init::{Initialised, init};
pub use keys::{KeyView, generate_keys, import_keys, protect_keys, public_keys};
pub use ledger::{LedgerCheck, ledger_entries, prove_entry, verify_ledger};
pub use palisade_advisory::FeedFacts;
pub use palisade_ledger::LedgerEntry;
pub use palisade_pipeline::{Conclusion, Scope};
pub use palisade_policy::TestOutcome;
pub use palisade_runner::Watch;
pub use palisade_sandbox::{Capability, Tool};
pub use palisade_sandbox::{child_main as sandbox_main, is_child_invocation as is_sandbox_invocation};
pub use palisade_secrets::Profile;
pub use plan::{Planned, plan};
pub use policy::{ENGINES, EffectivePolicy, REPOSITORY_POLICY_FILE};
pub use project::{PIPELINE_FILE, Project};
pub use rules::{
    LintedRule, RuleChoice, RuleCost, RuleFailure, TestedRules, bench_rules, explain, lint_rules, rules,
    test_rules,
};
pub use run::{Observer, RunOptions, RunOutcome, run, shell};
pub use scan::{
    ARCHIVE_DEPTH, MAX_FILE_BYTES, ScanOptions, ScanOutcome, ScanTarget, scan, write_baseline_file,
};
pub use statements::VEX_FILE;
pub use suppress::{BASELINE_FILE, TriagedScan, WAIVER_FILE};
pub use verify::{Verified, VerifyRequest, verify};
pub use vex::{
    ExplainedStatement, StatementRequest, VexExplanation, VexFormat, WrittenVex, check_vex, explain_vex,
    state_vex,
};
pub use waive::{WaiveRequest, waive};
pub use worker::{RuleTexts, ShippedRules, WORKER_ARGUMENT, worker_main};
