//! Archives that are packages, or are made of some.

use palisade_archive::Budget;
use palisade_model::RepoPath;

use crate::record::Record;
use crate::{dotnet, java, python};

/// Whether a file of this name is an archive of classes, a packed distribution of Python or a package of NuGet, if it is a zip archive.
pub fn is_packed(path: &str) -> bool {
    java::is_jar(path) || python::is_packed(path) || dotnet::is_packed(path)
}

/// Reads the archive `bytes` that lies at `path`, within archives by `members`: a record for each package of Python or NuGet in it, and one for it and
/// each archive of classes in it. Nothing comes of files that are called otherwise.
///
/// Work is bounded by `budget`; archives that lie more than sixteen deep are a problem.
pub fn read_packed(path: &RepoPath, members: &[String], bytes: &[u8], budget: &mut Budget) -> Vec<Record> {
    let name = members.last().map_or_else(|| path.to_string(), Clone::clone);
    if python::is_packed(&name) {
        python::read_packed(path, members, &name, bytes, budget)
    } else if dotnet::is_packed(&name) {
        dotnet::read_packed(path, members, &name, bytes, budget)
    } else {
        java::read_jar(path, members, &name, bytes, budget)
    }
}
