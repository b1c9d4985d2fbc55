//! `global.json`: the SDKs of MSBuild that come as packages. The version of .NET itself is no package.

use palisade_model::{PackageEvidence, Relation, Scope};

use super::ECOSYSTEM;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::json;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("nuget", ECOSYSTEM, PackageEvidence::Declared);
    let tree = json::parse(bytes);
    sheet.problems(tree.problems.clone());
    for sdk in tree.root().members_of("msbuild-sdks") {
        let Some(version) = sdk.value.text() else {
            sheet.problem(sdk.line, "an SDK without a version");
            continue;
        };
        if let Some(mut added) = sheet.add(sdk.line, &sdk.key, Some(version)) {
            added.scope(Scope::Build);
            added.package.relation = Relation::Direct;
        }
    }
    (sheet.done(), None)
}
