//! Tools that only their owner may read.
//!
//! A job with a host user of its own could not use what root keeps to itself, such as packages in a cache with mode 0600. So the
//! mount says that what belongs to the owner of its top folder belongs to the job: an idmapped mount, see mount_setattr(2), Linux
//! 5.12. It lends nothing else: files of other users and of the owner's group are not the job's, what is mounted further down
//! stays as it was, and a set-user-id file names the job's own user, were it not ignored anyway.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::fstat;

use crate::kernel::{Sitter, map_owners};

/// A group that no file has: a mapping must name one. The last number but one is the largest that can be mapped.
const NO_GROUP: u32 = u32::MAX - 1;

/// User namespaces that say of one owner each: what is theirs is the job's.
pub(super) struct Owners {
    /// User and group on the host.
    job: (u32, u32),
    namespaces: BTreeMap<u32, OwnedFd>,
}

impl Owners {
    /// None yet, for a job that is this user and group on the host.
    pub(super) fn of(job: (u32, u32)) -> Self {
        Self { job, namespaces: BTreeMap::new() }
    }

    /// Lends the job what belongs to the owner of the top folder of `tree`, a mount that is not yet anywhere. Fails where kernel or
    /// file system cannot, and then changes nothing.
    pub(super) fn lend(&mut self, tree: impl AsFd) -> io::Result<()> {
        let owner = fstat(&tree)?.st_uid;
        if owner == self.job.0 {
            return Ok(());
        }
        let namespace = match self.namespaces.entry(owner) {
            Entry::Occupied(made) => made.into_mut(),
            Entry::Vacant(place) => place.insert(namespace(owner, self.job)?),
        };
        map_owners(tree, namespace)
    }
}

/// A user namespace in which `owner` stands for the job's user outside.
fn namespace(owner: u32, (user, group): (u32, u32)) -> io::Result<OwnedFd> {
    let sitter = Sitter::new()?;
    let folder = format!("/proc/{}", sitter.pid.as_raw_nonzero());
    fs::write(format!("{folder}/uid_map"), format!("{owner} {user} 1"))?;
    fs::write(format!("{folder}/gid_map"), format!("{NO_GROUP} {group} 1"))?;
    File::open(format!("{folder}/ns/user")).map(OwnedFd::from)
}
