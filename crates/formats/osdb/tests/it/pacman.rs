use palisade_osdb::Ownership;

use crate::{distribution, names, read};

#[test]
fn a_package_is_read_with_its_base_and_its_files() {
    let arch = distribution("NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n");
    let desc = "%NAME%\nlibgcc\n\n%VERSION%\n14.2.1+r134-1\n\n%BASE%\ngcc\n\n%DESC%\n%NAME%\n\n%ARCH%\nx86_64\n\n%LICENSE%\nGPL-3.0\nFDL\n";
    let path = "var/lib/pacman/local/libgcc-14.2.1+r134-1/desc";
    let package = read(path, desc.as_bytes(), &arch);
    assert_eq!(names(&package), [("libgcc", "14.2.1+r134-1")]);
    let read_package = &package.reading.packages[0];
    assert_eq!(read_package.purl.to_string(), "pkg:alpm/arch/libgcc@14.2.1%2Br134-1?arch=x86_64&distro=arch");
    assert_eq!(read_package.source.as_ref().unwrap().name, "gcc");
    assert_eq!(read_package.licences, ["GPL-3.0", "FDL"]);
    let side = "var/lib/pacman/local/libgcc-14.2.1+r134-1/files";
    let files = read(side, b"%FILES%\nusr/\nusr/lib/\nusr/lib/libgcc_s.so\n\n%BACKUP%\netc/x\tabc\n", &arch);
    let ownership = Ownership::of(&[(side, &files), (path, &package)]);
    assert_eq!(ownership.owner(b"usr/lib/libgcc_s.so"), Some(0));
    assert_eq!(ownership.owner(b"etc/x"), None);
}
