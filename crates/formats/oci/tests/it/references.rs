use palisade_oci::{Reference, ReferenceError};
use proptest::prelude::*;

const HEX: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn docker_s_defaults_are_filled_in() {
    let digest = format!("sha256:{HEX}");
    for (text, whole) in [
        ("debian".to_owned(), "docker.io/library/debian:latest".to_owned()),
        ("debian:12".into(), "docker.io/library/debian:12".into()),
        ("docker.io/debian".into(), "docker.io/library/debian:latest".into()),
        ("index.docker.io/library/debian".into(), "docker.io/library/debian:latest".into()),
        ("user/app:v1".into(), "docker.io/user/app:v1".into()),
        ("localhost/app".into(), "localhost/app:latest".into()),
        ("localhost:5000/a/b/c:x".into(), "localhost:5000/a/b/c:x".into()),
        ("[::1]:5000/app".into(), "[::1]:5000/app:latest".into()),
        ("ghcr.io/o/r_a__b-c---d.e".into(), "ghcr.io/o/r_a__b-c---d.e:latest".into()),
        (format!("debian@{digest}"), format!("docker.io/library/debian@{digest}")),
        (format!("quay.io/a/b:1@{digest}"), format!("quay.io/a/b:1@{digest}")),
    ] {
        assert_eq!(text.parse::<Reference>().unwrap().to_string(), whole);
    }
}

#[test]
fn what_is_no_reference_is_refused() {
    let long = format!("{}/app", "a".repeat(300));
    for (text, error) in [
        ("", ReferenceError::Name),
        ("UPPER", ReferenceError::Name),
        ("a//b", ReferenceError::Name),
        ("a/../b", ReferenceError::Name),
        ("a___b", ReferenceError::Name),
        ("-a", ReferenceError::Name),
        ("a.", ReferenceError::Name),
        (long.as_str(), ReferenceError::Name),
        ("host:port/app", ReferenceError::Registry),
        ("host:99999/app", ReferenceError::Registry),
        ("ex_ample.com/app", ReferenceError::Registry),
        ("user@host.com/app", ReferenceError::Digest),
        ("[::g]:1/app", ReferenceError::Registry),
        ("a:", ReferenceError::Tag),
        ("a:.x", ReferenceError::Tag),
        ("a:\u{e4}", ReferenceError::Tag),
        ("a@md5:00", ReferenceError::Digest),
        ("a@sha256:00", ReferenceError::Digest),
    ] {
        assert_eq!(text.parse::<Reference>(), Err(error), "{text}");
    }
}

proptest! {
    #[test]
    fn the_whole_form_reads_back(text in "[a-z0-9:/@._A-Z-]{0,40}") {
        if let Ok(reference) = text.parse::<Reference>() {
            prop_assert_eq!(reference.to_string().parse::<Reference>(), Ok(reference));
        }
    }
}
