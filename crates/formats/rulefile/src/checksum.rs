/// A structure or checksum that shows offline whether a token can be real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Checksum {
    /// GitHub tokens: the last 6 characters are the CRC-32 of the 30 before, in base 62
    /// (github.blog, "Behind GitHub's new authentication token formats").
    GithubCrc32,
    /// npm access tokens: the same sum.
    NpmCrc32,
    /// Grafana service account tokens: 8 hexadecimal digits, the CRC-32 of what stands before, little-endian.
    GrafanaCrc32,
    /// AWS access key ids: base 32 that holds the account number.
    AwsKeyId,
    /// JSON Web Tokens (RFC 7519): header and claims are JSON objects.
    Jwt,
    /// PyPI tokens: a version 2 macaroon whose location is the package index.
    PypiMacaroon,
    /// Discord bot tokens: the first part is a user id in base 64.
    DiscordBot,
    /// Secret keys of age: Bech32 (BIP-173; the age format's specification, c2sp.org/age).
    AgeBech32,
    /// Service account tokens of 1Password: a JSON object in base 64
    /// (developer.1password.com, "Service account security").
    OnepasswordToken,
    /// Secret Keys of 1Password: 31 characters of the alphabet are used (1Password Security Design White Paper, "Secret Key").
    OnepasswordSecretKey,
    /// Organisation tokens of Sentry: a JSON object in base 64 and 32 bytes (getsentry/sentry,
    /// `utils/security/orgauthtoken_token.py`).
    SentryOrg,
    /// Secret tokens of Mapbox: a JSON object in base 64 and a signature (docs.mapbox.com/api/accounts/tokens, "Token format").
    MapboxSecret,
    /// Macaroons of Fly.io: MessagePack in base 64 (superfly/macaroon, `format.go`, `nonce.go`).
    FlyMacaroon,
    /// Service tokens of Vault: a signed token as Protocol Buffers in base 64 (openbao/openbao, `vault/tokens/token.proto`).
    VaultService,
    /// Reference tokens of JFrog: text in base 64 that names itself one (jfrog.com, "Understanding access tokens").
    JfrogReference,
    /// Tokens of GitLab: routable ones end with their length and CRC-32 in base 36, those of jobs are JSON Web Tokens (GitLab
    /// handbook, "Routable Tokens"; gitlabhq, `authn/token_field/generator/routable_token.rb`).
    GitlabToken,
    /// Azure's identifiable keys: the last 4 bytes are the Marvin32 sum of the others, seeded by the kind of key
    /// (microsoft/security-utilities, `IdentifiableSecrets`, `IdentifiableMetadata`).
    AzureMarvin32,
    /// Azure's common annotated keys: fixed characters and the date of issue at fixed places
    /// (microsoft/security-utilities, `LegacyCommonAnnotatedSecurityKey`).
    AzureAnnotated,
    /// Account keys of Azure Storage: base 64 of 64 bytes (learn.microsoft.com, "Azure Storage account key").
    AzureStorageKey,
    /// Signatures of Azure's shared access signatures: HMAC-SHA256, so base 64 of 32 bytes
    /// (learn.microsoft.com, "Create a service SAS").
    AzureSas,
    /// Client secrets of Entra applications: the last 3 characters begin the Marvin32 sum of the others
    /// (microsoft/security-utilities, `IsAzureAadClientAppIdentifiableSecret`).
    AzureEntraSecret,
    /// Access policy tokens of Grafana Cloud: a JSON object in base 64 with organisation, name and key
    /// (grafana.com, "Access policies and tokens").
    GrafanaCloud,
    /// API keys of old Grafana: a JSON object in base 64 with key, name and organisation (grafana.com, "API keys HTTP API").
    GrafanaLegacy,
    /// Keys of Google's service accounts: PKCS #8 (RFC 5208) whose length fits.
    Pkcs8,
    /// Project keys of Tolgee: base 32 of the project's number and a key (tolgee-platform, `ApiKeyService`, `KeyGenerator`).
    TolgeeProject,
    /// Access tokens of Bitwarden's Secrets Manager: base 64 of 16 bytes behind the colon (bitwarden.com/help/access-tokens).
    Bitwarden,
    /// Permanent tokens of YouTrack: user and name in base 64 (jetbrains.com, "Permanent token authorization").
    Youtrack,
    /// Tokens of OpenShift: base 64 of 32 bytes (docs.redhat.com, OAuth APIs, "OAuthAccessToken").
    OpenshiftToken,
    /// Seeds of NATS keys: base 32 of two bytes of kind, 32 of the key and a CRC-16 (nats-io/nkeys, `strkey.go`).
    NatsSeed,
    /// Secret seeds of Stellar accounts: base 32 of a byte of kind, 32 of the key and a CRC-16 (SEP-23).
    StellarSeed,
    /// Private keys of Bitcoin as wallets exchange them: Base58Check of the network, 32 bytes and, mostly, a mark
    /// (bitcoin wiki, "Wallet import format").
    BitcoinWif,
}

impl Checksum {
    /// Every check, in the order of their names' introduction.
    pub const ALL: &[Self] = &[
        Self::GithubCrc32,
        Self::NpmCrc32,
        Self::GrafanaCrc32,
        Self::AwsKeyId,
        Self::Jwt,
        Self::PypiMacaroon,
        Self::DiscordBot,
        Self::AgeBech32,
        Self::OnepasswordToken,
        Self::OnepasswordSecretKey,
        Self::SentryOrg,
        Self::MapboxSecret,
        Self::FlyMacaroon,
        Self::VaultService,
        Self::JfrogReference,
        Self::GitlabToken,
        Self::AzureMarvin32,
        Self::AzureAnnotated,
        Self::AzureStorageKey,
        Self::AzureSas,
        Self::AzureEntraSecret,
        Self::GrafanaCloud,
        Self::GrafanaLegacy,
        Self::Pkcs8,
        Self::TolgeeProject,
        Self::Bitwarden,
        Self::Youtrack,
        Self::OpenshiftToken,
        Self::NatsSeed,
        Self::StellarSeed,
        Self::BitcoinWif,
    ];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GithubCrc32 => "github_crc32",
            Self::NpmCrc32 => "npm_crc32",
            Self::GrafanaCrc32 => "grafana_crc32",
            Self::AwsKeyId => "aws_key_id",
            Self::Jwt => "jwt",
            Self::PypiMacaroon => "pypi_macaroon",
            Self::DiscordBot => "discord_bot",
            Self::AgeBech32 => "age_bech32",
            Self::OnepasswordToken => "onepassword_token",
            Self::OnepasswordSecretKey => "onepassword_secret_key",
            Self::SentryOrg => "sentry_org",
            Self::MapboxSecret => "mapbox_secret",
            Self::FlyMacaroon => "fly_macaroon",
            Self::VaultService => "vault_service",
            Self::JfrogReference => "jfrog_reference",
            Self::GitlabToken => "gitlab_token",
            Self::AzureMarvin32 => "azure_marvin32",
            Self::AzureAnnotated => "azure_annotated",
            Self::AzureStorageKey => "azure_storage_key",
            Self::AzureSas => "azure_sas",
            Self::AzureEntraSecret => "azure_entra_secret",
            Self::GrafanaCloud => "grafana_cloud",
            Self::GrafanaLegacy => "grafana_legacy",
            Self::Pkcs8 => "pkcs8",
            Self::TolgeeProject => "tolgee_project",
            Self::Bitwarden => "bitwarden",
            Self::Youtrack => "youtrack",
            Self::OpenshiftToken => "openshift_token",
            Self::NatsSeed => "nats_seed",
            Self::StellarSeed => "stellar_seed",
            Self::BitcoinWif => "bitcoin_wif",
        }
    }
}
