//! Two runs at once.

use super::remains::Remains;
use super::site::{Site, TINY};

#[test]
fn a_second_run_in_one_folder_is_refused() {
    let site = Site::with_step("sleep 600");
    let mut run = site.start(|_| {});
    run.wait_until("the step", |site| {
        Remains::of(site).processes.iter().any(|line| line.contains("sleep 600"))
    });
    let second = site.call(&["run"]).expect(4).says("another run is going on in this project").says("hint");
    assert_eq!(site.call(&["run", "--format", "json"]).expect(4).json()["reason"], "busy", "{second}");
    assert_eq!(site.runs().len(), 1, "the second left no trace");
    assert!(run.child.try_wait().unwrap().is_none(), "the first goes on");
    drop(run);
    site.clear();
}

/// One user, no keys yet: both make them at the same time, and one wins.
#[test]
fn two_clones_work_at_the_same_time() {
    for _ in 0..3 {
        let (one, other) = (Site::new(TINY), Site::new(TINY));
        let home = one.account.home().to_owned();
        let mut runs = [
            one.start(|_| {}),
            other.start(|command| {
                command.env("HOME", &home);
            }),
        ];
        for run in &mut runs {
            let (code, _) = run.end();
            assert_eq!(code, 0, "{}", run.said());
        }
        assert_eq!((one.releases().len(), other.releases().len()), (1, 1));
        one.assert_clean();
    }
}
