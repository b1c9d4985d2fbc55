//! Values that standards and vendors print, and that everybody copies: nobody's secrets.

/// Values, each as it is printed.
const PRINTED: &[&[u8]] = &[
    // RFC 5849, and OAuth Core 1.0 before it.
    b"dpf43f3p2l4k3l03",
    b"kd94hf93k423kf44",
    b"hh5s93j4hdidpola",
    b"hdhd0244k9j7ao03",
    b"nnch734d00sl2jdk",
    b"pfkkdhi9sl3r4s00",
    b"hfdp7dh39dks9884",
    b"9djdj82h48djs9d2",
    b"kkk9d7dh3k39sjv7",
    b"j49sk3j29djd",
    b"dh893hdasih9",
    // RFC 6749, RFC 6750, RFC 7009, RFC 7617, OpenID Connect Core.
    b"2YotnFZFEjr1zCsicMWpAA",
    b"tGzv3JOkF0XG5Qx2TlKWIA",
    b"SplxlOBeZQQYbYS6WxSbIA",
    b"7Fjfp0ZBr1KtDRbnfVdmIw",
    b"gX1fBat3bV",
    b"A3ddj3w",
    b"h480djs93hd8",
    b"45ghiukldjahdnhzdauz",
    b"open sesame",
    b"opensesame",
    b"OpenSesame",
    b"mF_9.B5f-4.1JqM",
    b"SlAV32hkKG",
    b"8xLOxBtZp8",
    // RFC 9449.
    b"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
    // Twitter's manual of OAuth.
    b"xvz1evFS4wEEPTGEFPHBog",
    b"kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
    b"370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
    b"LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    b"Z6eEdO8MOmk394WozF5oKyuAv855l4Mlqo7hhlSLik",
    b"Kd75W4OQfb2oJTV0vzGzeXftVAwgMnEK9MumzYcM",
    b"veNRnAWe6inFuo8o2u8SLLZLjolYDmDP7SzL0YfYI",
    // Binance's manual of signed requests.
    b"vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A",
    b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
    // Telegram's manual of bots.
    b"110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    // What GitHub takes for a password beside a token.
    b"x-oauth-basic",
    // A comment of hosted-git-info, which is in most trees of npm.
    b"n@me:p@ss:word",
    // RFC 7914 12.
    b"pleaseletmein",
    // RFC 7617 2.1, with a sign that is no ASCII.
    b"123\xc2\xa3",
    // What Docker's images of MySQL, PostgreSQL's manual and Amazon's of databases print.
    b"my-secret-pw",
    b"jw8s0F4",
    b"mustbeeightchars",
    b"mustbeeightcharaters",
    b"barbut8chars",
    // The UUIDs of encyclopedias and manuals.
    b"123e4567-e89b-12d3-a456-426614174000",
    // What Swagger shows for any UUID.
    b"3fa85f64-5717-4562-b3fc-2c963f66afa6",
    b"550e8400-e29b-41d4-a716-446655440000",
    // The signatures of the tokens that jwt.io showed over the years.
    b"dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    b"SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    b"TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ",
    // RFC 7515 A.1.1 and A.2.1, RFC 7517 A.3.
    b"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    b"GawgguFyGrWKav7AX4VKUg",
    // SP 800-38A, the keys of AES in three lengths.
    b"2b7e151628aed2a6abf7158809cf4f3c",
    b"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
    b"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
    // Key URI format of one-time passwords.
    b"JBSWY3DPEHPK3PXP",
    // The emulators of Azure's storage and of Cosmos DB, and MinIO's playground.
    b"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    b"C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
    b"Q3AM3UQ867SPQQA43P2F",
    b"zuf+tfteSlswRu7BJ86wekitnifILbZam1KYY3TG",
    // MD5, SHA-1 and SHA-256 of nothing, and of `password`.
    b"d41d8cd98f00b204e9800998ecf8427e",
    b"da39a3ee5e6b4b0d3255bfef95601890afd80709",
    b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    b"5f4dcc3b5aa765d61d8327deb882cf99",
    b"5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
    b"5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
];

/// How values begin that are printed with many ends: the shared secrets of RFC 4226 and RFC 6238 in base 32, the tokens of a swarm in
/// Docker's manual, the seed of the first words of BIP 39.
const BEGINNINGS: [&[u8]; 3] = [
    b"GEZDGNBVGY3TQOJQ",
    b"SWMTKN-1-3pu6hszjas19xyp7ghgosyx9k8atbfcr8p2is99znpy26u2lkl-",
    b"5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc1",
];

/// Whether a value is one that a standard or a vendor prints as an example, or gives to everybody.
pub(crate) fn is_documented(value: &[u8]) -> bool {
    PRINTED.contains(&value) || BEGINNINGS.iter().any(|beginning| value.starts_with(beginning))
}
