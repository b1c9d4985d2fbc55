use crate::{distribution, names, problems, read};

const PATH: &str = "lib/apk/db/installed";

#[test]
fn packages_are_read_with_origin_files_and_edges() {
    let alpine = distribution("NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.20.3\n");
    let text = "C:Q1abc=\nP:libcrypto3\nV:3.3.2-r0\nA:x86_64\nL:Apache-2.0\no:openssl\nD:so:libc.musl-x86_64.so.1 !conflict\n\
                p:so:libcrypto.so.3=3\nF:usr\nF:usr/lib\nR:libcrypto.so.3\na:0:0:755\nZ:Q1abc=\n\n\
                P:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\np:so:libc.musl-x86_64.so.1=1\nF:lib\nR:ld-musl-x86_64.so.1\n\n\
                P:busybox\nV:1.36.1-r29\no:busybox\nD:musl>=1.2 libcrypto3~3\n";
    let installed = read(PATH, text.as_bytes(), &alpine);
    assert_eq!(problems(&installed), []);
    assert_eq!(
        names(&installed),
        [("libcrypto3", "3.3.2-r0"), ("musl", "1.2.5-r0"), ("busybox", "1.36.1-r29")]
    );
    let packages = &installed.reading.packages;
    assert_eq!(
        packages[0].purl.to_string(),
        "pkg:apk/alpine/libcrypto3@3.3.2-r0?arch=x86_64&distro=alpine-3.20.3"
    );
    assert_eq!(packages[0].ecosystem.as_ref().unwrap().as_str(), "Alpine:v3.20");
    assert_eq!(packages[0].source.as_ref().unwrap().name, "openssl");
    assert_eq!(packages[0].licences, ["Apache-2.0"]);
    assert_eq!([packages[0].line, packages[1].line], [2, 15]);
    assert_eq!(packages[0].dependencies, [1]);
    assert_eq!(packages[2].dependencies, [0, 1]);
    assert_eq!(installed.owners.owner(b"usr/lib/libcrypto.so.3"), Some(0));
    assert_eq!(installed.owners.owner(b"lib/ld-musl-x86_64.so.1"), Some(1));
    assert_eq!(installed.owners.owner(b"usr/lib"), None);
}

#[test]
fn what_is_broken_is_told_and_the_rest_is_read() {
    let wolfi = distribution("ID=wolfi\nVERSION_ID=20230201\n");
    let installed =
        read("usr/lib/apk/db/installed", b"P:a\nV:1\nrubbish\n\nV:2\n\nP:b\n\nP:c\r\nV:3\r\n", &wolfi);
    assert_eq!(names(&installed), [("a", "1"), ("b", "-"), ("c", "3")]);
    assert_eq!(
        problems(&installed),
        [
            (Some(3), "is no field: a letter and a colon are missing"),
            (Some(5), "is a package without a name"),
            (Some(7), "package `b` has no version"),
        ]
    );
    assert_eq!(installed.reading.packages[0].ecosystem.as_ref().unwrap().as_str(), "Wolfi");
}
