//! Runs a command in sandboxes, one after the other: `start COUNT COMMAND [ARGUMENT...]`,
//! with the tools of the host unless `NO_TOOLS` is set. For measurements; see
//! `bench/sandbox-start`.

#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use palisade_model::Limits;
use palisade_sandbox::{
    Access, HOME, Launcher, Mount, Spec, child_main, detect_tools, host_uid, is_child_invocation,
};

fn main() -> ExitCode {
    if is_child_invocation() {
        return child_main();
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let count: u32 = words.next().ok_or("how many times?")?.parse()?;
    let scratch = std::env::temp_dir().join(format!("palisade-start-{}", std::process::id()));
    let home = std::env::home_dir().unwrap_or_default();
    let (mut mounts, mut path, mut env) = (Vec::new(), Vec::new(), BTreeMap::new());
    for tool in detect_tools(&home, &std::env::var_os("PATH").unwrap_or_default()) {
        let read_only = |host: PathBuf| Mount { inside: host.clone(), host, access: Access::ReadOnly };
        mounts.extend(tool.mounts.into_iter().map(read_only));
        path.extend(tool.path_entries.iter().map(|entry| entry.display().to_string()));
        env.extend(tool.env);
    }
    path.push("/usr/bin:/bin".to_owned());
    env.extend([("PATH".to_owned(), path.join(":")), ("HOME".to_owned(), HOME.to_owned())]);
    if std::env::var_os("NO_TOOLS").is_some() {
        mounts.clear();
    }
    let spec = Spec {
        workspace: folder(&scratch, "workspace")?,
        home: folder(&scratch, "home")?,
        tmp: folder(&scratch, "tmp")?,
        mounts,
        argv: words.collect(),
        env,
        cwd: PathBuf::from("/workspace"),
        limits: Limits::default(),
        name: format!("pal-start-{}", std::process::id()),
        slot: 0,
    };
    let launcher = Launcher::new(PathBuf::from("/proc/self/exe"));
    let started = std::time::Instant::now();
    let mut last = None;
    for _ in 0..count {
        let out = std::io::stdout().as_fd().try_clone_to_owned()?;
        let err = std::io::stderr().as_fd().try_clone_to_owned()?;
        let running = launcher.spawn(&spec, out, err)?;
        let held = (running.grade(), running.guards());
        last = Some((held, running.wait(None, &AtomicBool::new(false))?));
    }
    let each = started.elapsed() / count.max(1);
    fs::remove_dir_all(&scratch)?;
    println!("{count} runs, {:.2} ms each, the last: {last:?}", each.as_secs_f64() * 1e3);
    Ok(())
}

fn folder(scratch: &Path, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let path = scratch.join(name);
    fs::create_dir_all(&path)?;
    if let Some((uid, gid)) = host_uid(0) {
        std::os::unix::fs::chown(&path, Some(uid), Some(gid))?;
    }
    Ok(path)
}
