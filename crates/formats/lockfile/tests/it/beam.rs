use palisade_model::PackageOrigin;

use crate::project::{packages, read};

#[test]
fn mix_locks_have_every_kind() {
    let sum = "0".repeat(64);
    let text = format!(
        "%{{\n  # comment\n  \"cowboy\": {{:hex, :cowboy, \"2.9.0\", \"{sum}\", [:make, :rebar3], [{{:ranch, \"1.8.0\", [hex: :ranch, repo: \"hexpm\", optional: false]}}], \"hexpm\", \"{sum}\"}},\n  \"ranch\": {{:hex, :ranch, \"1.8.0\", \"{sum}\"}},\n  \"private\": {{:hex, :private, \"1.0.0\", \"{sum}\", [:mix], [], \"hexpm:acme\", \"{sum}\"}},\n  \"own\": {{:git, \"https://example.org/own.git\", \"00ff\", [branch: \"main\"]}},\n}}\n"
    );
    assert_eq!(
        packages("mix.lock", &text),
        [
            "cowboy 2.9.0 prod unknown 3 -> [1]",
            "ranch 1.8.0 prod unknown 4",
            "private 1.0.0 prod unknown 5",
            "own ? prod unknown 6"
        ]
    );
    let reading = read("mix.lock", &text);
    assert_eq!(reading.packages[0].hashes.len(), 1);
    assert_eq!(reading.packages[2].purl.to_string(), "pkg:hex/acme/private@1.0.0");
    let url = "https://example.org/own.git".to_owned();
    assert_eq!(reading.packages[3].origin, PackageOrigin::Git { url, commit: Some("00ff".to_owned()) });
}

#[test]
fn rebar_locks_of_all_forms_are_read() {
    let oldest = "[{<<\"a\">>,{git,\"https://example.org/a\",\n    {ref,\"00ff\"}},0},\n {<<\"b\">>,{pkg,<<\"b_pkg\">>,<<\"1.0\">>},1}].\n";
    assert_eq!(packages("rebar.lock", oldest), ["a ? prod direct 1", "b_pkg 1.0 prod transitive 3"]);
    let sum = "AB".repeat(32);
    let newest = format!(
        "% made by rebar3\n{{\"1.2.0\",\n[{{<<\"b\">>,{{pkg,<<\"b\">>,<<\"1.0\">>}},0}}]}}.\n[\n{{pkg_hash,[\n {{<<\"b\">>, <<\"00\">>}}]}},\n{{pkg_hash_ext,[\n {{<<\"b\">>, <<\"{sum}\">>}}]}}\n].\n"
    );
    assert_eq!(packages("rebar.lock", &newest), ["b 1.0 prod direct 3"]);
    assert_eq!(read("rebar.lock", &newest).packages[0].hashes[0].value, sum.to_ascii_lowercase());
    assert_eq!(packages("rebar.lock", ""), [""; 0]);
}

#[test]
fn gleam_tells_what_is_asked_for() {
    let text = "packages = [\n  { name = \"a\", version = \"1.0.0\", build_tools = [\"gleam\"], requirements = [\"b\"], source = \"hex\", outer_checksum = \"00\" },\n  { name = \"b\", version = \"2.0.0\", build_tools = [\"gleam\"], requirements = [], source = \"git\", repo = \"https://example.org/b\", commit = \"00ff\" },\n]\n\n[requirements]\na = { version = \"~> 1.0\" }\n";
    assert_eq!(
        packages("manifest.toml", text),
        ["a 1.0.0 prod direct 2 -> [1]", "b 2.0.0 prod transitive 3"]
    );
    assert!(read("manifest.toml", "title = 'of something else'\n").packages.is_empty());
}

#[test]
fn projects_ask_by_environment() {
    let text = "{:a, \"~> 1.0\"},\n{:b, \">= 0.0.0\", only: [:dev, :test], runtime: false},\n{:c, \"~> 2.0\", only: :test}\n";
    assert_eq!(
        packages("mix.exs", text),
        ["a (~> 1.0) prod direct 1", "b (>= 0.0.0) dev direct 2", "c (~> 2.0) test direct 3"]
    );
}

#[test]
fn gleam_projects_ask_for_ranges() {
    let text = "name = \"own\"\n[dependencies]\na = \">= 1.0.0 and < 2.0.0\"\nb = { git = \"https://example.org/b\", ref = \"00\" }\n[dev-dependencies]\nc = { path = \"../c\" }\n";
    assert_eq!(
        packages("gleam.toml", text),
        ["a (>= 1.0.0 and < 2.0.0) prod direct 3", "b ? prod direct 4", "c ? dev direct 6"]
    );
}
