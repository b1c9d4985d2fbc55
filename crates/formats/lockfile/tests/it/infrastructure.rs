use palisade_model::PackageOrigin;

use palisade_lockfile::relate;

use crate::project::{packages, problem_lines, read, record, shown};

#[test]
fn actions_are_named_by_repository_and_reference() {
    let pin = "0123456789abcdef0123456789abcdef01234567";
    let text = format!(
        "on: push\njobs:\n  a:\n    uses: o/r/.github/workflows/w.yml@v1\n  b:\n    container: node:20\n    services:\n      db:\n        image: postgres:16\n    steps:\n      - uses: actions/checkout@{pin} # v4.2.2\n      - uses: actions/cache/save@{pin}\n      - uses: ./own\n      - uses: docker://alpine:3.20\n      - run: uses@v1\n"
    );
    assert_eq!(
        packages(".github/workflows/ci.yml", &text),
        [
            "o/r/.github/workflows/w.yml v1 build direct 4",
            "actions/checkout v4.2.2 build direct 11",
            &format!("actions/cache/save {pin} build direct 12"),
            "alpine 3.20 build direct 14",
            "node 20 build direct 6",
            "postgres 16 build direct 9",
        ]
    );
    let reading = read("sub/.github/workflows/ci.yaml", &text);
    assert_eq!(reading.packages[0].purl.to_string(), "pkg:github/o/r@v1#.github/workflows/w.yml");
    let url = "https://github.com/actions/checkout".to_owned();
    assert_eq!(reading.packages[1].origin, PackageOrigin::Git { url, commit: Some(pin.to_owned()) });
    assert_eq!(
        packages("action.yaml", "runs:\n  using: docker\n  image: docker://alpine:3\n"),
        ["alpine 3 build direct 3"]
    );
    assert_eq!(packages("action.yml", "runs:\n  using: node20\n  main: x.js\n"), [""; 0]);
}

#[test]
fn dockerfiles_have_stages_arguments_and_continued_lines() {
    let text = "# syntax=docker/dockerfile:1\nARG TAG=1.22\nARG BASE=golang:${TAG}\nFROM --platform=$BUILDPLATFORM ${BASE} AS Build\nRUN --mount=type=bind,from=busybox:1,target=/x \\\n  # comment\n  true\nCOPY --from=build /a /b\nCOPY --from=0 /a /b\nCOPY --from=ghcr.io/x/y:2 /a /b\nFROM build AS test\nFROM scratch\n";
    assert_eq!(
        packages("build/Dockerfile.release", text),
        ["golang 1.22 prod direct 4", "busybox 1 prod direct 5", "ghcr.io/x/y 2 prod direct 10"]
    );
    assert_eq!(problem_lines("Dockerfile", "ARG A\nFROM x:$A\n"), [2]);
    assert_eq!(packages("x.Dockerfile", "FROM nginx\n"), ["nginx latest prod direct 1"]);
}

#[test]
fn compose_files_have_defaults() {
    let text =
        "services:\n  a:\n    image: \"x/y:${TAG:-1.0}\"\n  b:\n    build: .\n    image: own\n  c: {}\n";
    assert_eq!(packages("docker-compose.prod.yml", text), ["x/y 1.0 prod direct 3"]);
    assert_eq!(packages("compose.yml", "db:\n  image: postgres:16\n"), ["postgres 16 prod direct 2"]);
}

/// The Compose specification's rules of interpolation and of `.env` files.
#[test]
fn compose_files_take_variables_from_the_file_beside_them() {
    let compose = "services:\n  a:\n    image: x/y:${TAG}\n  b:\n    image: $NAME:${V:-1}\n  c:\n    image: z:${NONE}\n  d:\n    image: q:1\n";
    let variables = "# comment\nTAG=2.0 # why\nexport NAME = \"reg.example.org/${BASE}\"\nBASE='n$m'\r\nNAME=\"reg.example.org/${TAG}\"\nV=\n";
    let at = |folder: &str| {
        let records = vec![
            record(&format!("{folder}.env"), variables.as_bytes()),
            record("app/compose.yml", compose.as_bytes()),
        ];
        let mut records = records;
        relate(&mut records);
        let one = records.iter().find(|record| record.format().name() == "compose").unwrap();
        let lines: Vec<_> = one.reading().problems.iter().filter_map(|problem| problem.line).collect();
        (one.reading().packages.iter().map(shown).collect::<Vec<_>>(), lines)
    };
    assert_eq!(at(""), (vec!["q 1 prod direct 9".to_owned()], vec![3, 5, 7]));
    let told = ["q 1 prod direct 9", "x/y 2.0 prod direct 3", "reg.example.org/2.0 1 prod direct 5"];
    assert_eq!(at("app/"), (told.map(str::to_owned).to_vec(), vec![7]));
    assert_eq!(packages("app/.env", variables), [""; 0]);
}

#[test]
fn manifests_of_every_kind_have_images() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      initContainers:\n      - image: busybox\n      containers:\n      - name: a\n        image: reg.example.org:5000/x/y@sha256:00ff\n---\napiVersion: batch/v1\nkind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{image: 'z:1'}]}}}}}\n---\nother: {containers: [{image: no}]}\n";
    assert_eq!(
        packages("deploy/app.yaml", text),
        [
            "busybox latest prod direct 7",
            "reg.example.org:5000/x/y sha256:00ff prod direct 10",
            "z 1 prod direct 14"
        ]
    );
    assert_eq!(packages("deploy/values.yaml", "image: x\n"), [""; 0]);
}

#[test]
fn providers_have_versions_and_digests() {
    let sum = "0".repeat(64);
    let text = format!(
        "# maintained by terraform\n\nprovider \"registry.terraform.io/hashicorp/aws\" {{\n  version     = \"5.0.1\"\n  constraints = \"~> 5.0\"\n  hashes = [\n    \"h1:abc=\",\n    \"zh:{sum}\",\n  ]\n}}\n\nprovider \"registry.opentofu.org/x/y\" {{\n  version = \"1.0.0\"\n  hashes = [\"zh:{sum}\"]\n}}\n"
    );
    let reading = read(".terraform.lock.hcl", &text);
    assert_eq!(reading.problems, []);
    let purls: Vec<_> = reading.packages.iter().map(|package| package.purl.to_string()).collect();
    assert_eq!(
        purls,
        ["pkg:terraform/hashicorp/aws@5.0.1", "pkg:terraform/x/y@1.0.0?repository_url=registry.opentofu.org"]
    );
    assert!(reading.packages.iter().all(|package| package.hashes.len() == 1 && package.ecosystem.is_none()));
}

#[test]
fn files_that_speak_of_a_dockerfile_are_none() {
    let is_one =
        |path: &str| palisade_lockfile::recognise(path).is_some_and(|format| format.name() == "dockerfile");
    for path in ["Dockerfile", "a/Dockerfile.web", "web.Dockerfile", "Containerfile", "dockerfile"] {
        assert!(is_one(path), "{path}");
    }
    for path in
        ["dockerfile.rs", "Dockerfile.md", "dockerfile_test.go", "Dockerfile.dockerignore", "mydockerfile"]
    {
        assert!(!is_one(path), "{path}");
    }
}
