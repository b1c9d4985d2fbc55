//! What is no secret although it looks like one: placeholders, templates, translations, digests, public keys, data in code. With all
//! shipped rules, in the profile that people use.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use palisade_model::{Confidence, Entry, EntryMeta, RepoPath, Severity, Sink};
use palisade_secrets::{Mark, Profile, SecretsEngine};

use crate::examples::{SALT, SHIPPED, load, scan};
use crate::text::{BASE62, BASE64, CHOSEN, HEX, TOKEN, key_lines, random};

/// What is said about each text that must be silent.
fn said(texts: &[(&str, String)]) -> Vec<String> {
    let mut said = Vec::new();
    for (path, text) in texts {
        for finding in scan(&SHIPPED, path, text.as_bytes()) {
            let span = finding.location.bytes;
            let shown =
                text.get(span.start.saturating_sub(30)..span.end.min(span.start + 40)).unwrap_or_default();
            said.push(format!("{path}: {} at {shown:?}", finding.rule));
        }
    }
    said
}

fn assert_silent(texts: &[(&str, String)]) {
    let said = said(texts);
    assert!(said.is_empty(), "{} findings:\n{}", said.len(), said.join("\n"));
}

/// Of each file the first text is silent, and the second not.
fn assert_told_apart(pairs: &[(&'static str, String, String)]) {
    let silent: Vec<_> = pairs.iter().map(|(path, silent, _)| (*path, silent.clone())).collect();
    assert_silent(&silent);
    for (path, _, loud) in pairs {
        assert!(!scan(&SHIPPED, path, loud.as_bytes()).is_empty(), "{path}: {loud}");
    }
}

/// The frames in which a value stands where a secret would, each with the name of its file.
fn assigned(value: &str) -> Vec<(&'static str, String)> {
    vec![
        (".env", format!("DB_PASSWORD={value}\nAPI_KEY=\"{value}\"\n")),
        ("settings.py", format!("password = \"{value}\"\nclient_secret = '{value}'\n")),
        ("app.json", format!("{{\"password\": \"{value}\", \"apiKey\": \"{value}\"}}")),
        ("values.yaml", format!("db:\n  password: {value}\n  api_key: \"{value}\"\n")),
        ("application.properties", format!("spring.datasource.password={value}\n")),
        (
            "web.config",
            format!("<add key=\"ServicePassword\" value=\"{value}\" />\n<apiKey>{value}</apiKey>\n"),
        ),
        ("run.sh", format!("export SECRET_KEY='{value}'\ncurl -u admin:{value} https://api.acme.io/\n")),
        ("main.tf", format!("password = \"{value}\"\n")),
        ("compose.yaml", format!("environment:\n  - DATABASE_URL=postgres://app:{value}@db/app\n")),
        ("request.http", format!("Authorization: Bearer {value}\n")),
    ]
}

fn uuid(seed: u64) -> String {
    [8, 4, 4, 4, 12].map(|length| random(HEX, length, seed + length as u64)).join("-")
}

/// The frames prove nothing unless each is loud about a secret.
#[test]
fn the_frames_are_loud_about_secrets() {
    for (path, text) in assigned(&random(BASE62, 32, 3)) {
        let found = scan(&SHIPPED, path, text.as_bytes());
        assert!(!found.is_empty() || path == "request.http", "{path}: {text}");
    }
    for (path, text) in assigned(&TOKEN) {
        assert!(!scan(&SHIPPED, path, text.as_bytes()).is_empty(), "{path}: {text}");
    }
}

#[test]
fn placeholders_are_silent() {
    let documented = ["AKIAIOSFODNN7", "EXAMPLE"].concat();
    let documented_secret = ["wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat();
    let values = [
        "<password>",
        "<your-token-here>",
        "<API_KEY>",
        "&lt;your token&gt;",
        "${DB_PASSWORD}",
        "${DB_PASSWORD:-}",
        "$DB_PASSWORD",
        "$(cat /run/secrets/db)",
        "%DB_PASSWORD%",
        "%(password)s",
        "{{ password }}",
        "{{password}}",
        "#{password}",
        "#{password}#",
        "@db.password@",
        "[password]",
        "xxxx",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX",
        "****************",
        "................",
        "changeme",
        "change-me-please",
        "ChangeMe123!",
        "your_api_key",
        "YOUR-TOKEN-HERE",
        "insert-your-key-here1",
        "REPLACE_ME_1",
        "REDACTED",
        "[REDACTED]",
        "todo-set-this-1",
        "dummy-token-123",
        "example-password-1",
        "00000000000000000000000000000000",
        "12345678901234567890",
        "abcdefghijklmnopqrstuvwxyz123456",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_0000000000000000000000000000000000000000",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        documented.as_str(),
        documented_secret.as_str(),
    ];
    let texts: Vec<_> = values.iter().flat_map(|value| assigned(value)).collect();
    assert_silent(&texts);
}

#[test]
fn templates_are_silent() {
    let holes = [
        // ERB, EJS.
        "<%= ENV['DB_PASSWORD'] %>",
        "<%= @db_password %>",
        "<%- Rails.application.credentials.dig(:db, :password) %>",
        // Jinja, Ansible, Twig, Django.
        "{{ vault_db_password | default('') }}",
        "{{ lookup('env', 'DB_PASSWORD') }}",
        "{% if password %}{{ password }}{% endif %}",
        // Go templates, Helm.
        "{{ .Values.db.password | quote }}",
        "{{- include \\\"app.password\\\" . | b64enc }}",
        "{{ randAlphaNum 32 | b64enc }}",
        "{{ (index .Data.data 1).Password2 }}",
        // Mustache, Handlebars.
        "{{{dbPassword1}}}",
        "{{#secret}}{{value1}}{{/secret}}",
        "{{> passwordField1}}",
        // Terraform, Freemarker, Velocity, MSBuild, GitHub, Azure Pipelines, Make.
        "${var.db_password}",
        "${aws_db_instance.main2.password}",
        "<#if password1??>${password1}</#if>",
        "$!{user.password1}",
        "$(DbPassword1)",
        "${{ secrets.DB_PASSWORD1 }}",
        "%{if enabled}${password1}%{endif}",
        "__DB_PASSWORD_1__",
        "@@DB_PASSWORD_1@@",
    ];
    let texts: Vec<_> = holes.iter().flat_map(|hole| assigned(hole)).collect();
    assert_silent(&texts);
}

#[test]
fn translations_are_silent() {
    let pairs = [
        ("password", "Passwort"),
        ("forgotPassword", "Passwort vergessen?"),
        ("passwordLabel", "Mot de passe"),
        ("password", "Contraseña"),
        ("login.password", "Пароль"),
        ("newPassword", "新しいパスワード"),
        ("password", "Hasło1"),
        ("apiKey", "API-Schlüssel"),
        ("token", "Zugriffstoken"),
        ("secret", "Geheimnis"),
        ("password", "Kennwort: mindestens 8 Zeichen, 1 Ziffer"),
        ("passwords_must_match", "Wachtwoorden komen niet overeen!"),
    ];
    let mut texts = Vec::new();
    for (key, value) in pairs {
        texts.push(("locales/de.json", format!("{{\"{key}\": \"{value}\"}}")));
        texts.push(("locales/de.yml", format!("de:\n  {key}: {value}\n  other: \"{value}\"\n")));
        texts.push(("messages_de.properties", format!("{key}={value}\n")));
        texts.push((
            "strings.xml",
            format!("<string name=\"{key}\">{value}</string>\n<{key}>{value}</{key}>\n"),
        ));
        texts.push(("Localizable.strings", format!("\"{key}\" = \"{value}\";\n")));
        texts.push(("de.po", format!("msgid \"{key}\"\nmsgstr \"{value}\"\n")));
    }
    assert_silent(&texts);
}

#[test]
fn lock_files_are_silent() {
    let hex = |length, seed| random(HEX, length, seed);
    let integrity = |seed| format!("sha512-{}==", random(BASE64, 86, seed));
    let mut texts = Vec::new();
    for seed in 0..40 {
        let (sha256, name) =
            (hex(64, seed), ["jsonwebtoken", "passport", "secret-stack", "token-types"][seed as usize % 4]);
        let integrity = integrity(seed);
        texts.extend([
            ("package-lock.json", format!(
                "\"node_modules/{name}\": {{\n  \"version\": \"9.0.2\",\n  \"resolved\": \
                 \"https://registry.npmjs.org/{name}/-/{name}-9.0.2.tgz\",\n  \"integrity\": \"{integrity}\"\n}}"
            )),
            ("yarn.lock", format!(
                "{name}@^9.0.0:\n  version \"9.0.2\"\n  resolved \"https://registry.yarnpkg.com/{name}/-/{name}-9.0.2.tgz#{}\"\n  \
                 integrity {integrity}\n", hex(40, seed)
            )),
            ("yarn.lock", format!("\"{name}@npm:^9.0.0\":\n  checksum: 10c0/{}\n", hex(128, seed))),
            ("pnpm-lock.yaml", format!("  {name}@9.0.2:\n    resolution: {{integrity: {integrity}}}\n")),
            ("Cargo.lock", format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nchecksum = \"{sha256}\"\n")),
            ("go.sum", format!("github.com/acme/{name} v1.2.3 h1:{}=\n", random(BASE64, 43, seed))),
            ("poetry.lock", format!("files = [\n    {{file = \"{name}-1.0.tar.gz\", hash = \"sha256:{sha256}\"}},\n]\n")),
            ("Pipfile.lock", format!("\"{name}\": {{\"hashes\": [\"sha256:{sha256}\"], \"version\": \"==1.0\"}}")),
            ("requirements.txt", format!("{name}==1.0 \\\n    --hash=sha256:{sha256}\n")),
            ("uv.lock", format!("sdist = {{ url = \"https://files.pythonhosted.org/packages/{}/{}/{}/{name}.tar.gz\", hash = \"sha256:{sha256}\" }}\n", hex(2, seed), hex(2, seed + 1), hex(60, seed))),
            ("composer.lock", format!("\"reference\": \"{0}\", \"shasum\": \"{0}\", \"content-hash\": \"{1}\"", hex(40, seed), hex(32, seed))),
            ("Gemfile.lock", format!("CHECKSUMS\n  {name} (1.0.0) sha256={sha256}\n")),
            ("flake.lock", format!("\"narHash\": \"sha256-{}=\", \"rev\": \"{}\"", random(BASE64, 43, seed), hex(40, seed))),
            ("deno.lock", format!("\"jsr:@std/{name}@1.0.0\": {{\"integrity\": \"{sha256}\"}}")),
            ("mix.lock", format!("\"{name}\": {{:hex, :{}, \"1.0.0\", \"{sha256}\", [:mix], [], \"hexpm\", \"{}\"}},\n", name.replace('-', "_"), hex(64, seed + 99))),
            ("Package.resolved", format!("\"revision\" : \"{}\"", hex(40, seed))),
            (".terraform.lock.hcl", format!("hashes = [\n  \"h1:{}=\",\n  \"zh:{sha256}\",\n]\n", random(BASE64, 43, seed))),
        ]);
    }
    assert_silent(&texts);
}

#[test]
fn names_of_objects_are_silent() {
    let mut texts = Vec::new();
    for seed in 0..60 {
        let hex = |length| random(HEX, length, seed);
        let uuid = format!("{}-{}-4{}-a{}-{}", hex(8), hex(4), hex(3), hex(3), hex(12));
        let sha = hex(40);
        texts.extend([
            ("notes.md", format!("Fixed in {sha}, see https://github.com/acme/app/commit/{sha}\n")),
            ("ci.yaml", format!("uses: actions/checkout@{sha}\nref: {sha}\nimage: app@sha256:{}\n", hex(64))),
            (".gitmodules", format!("[submodule \"a\"]\n\turl = https://github.com/acme/a\n# {sha}\n")),
            ("a.py", format!("id = \"{uuid}\"\nuser_id = '{uuid}'\ntrace_id: {uuid}\n")),
            ("a.sln", format!("Project(\"{{{0}}}\") = \"App\", \"App.csproj\", \"{{{0}}}\"\n", uuid.to_uppercase())),
            ("a.json", format!("{{\"id\": \"{uuid}\", \"etag\": \"{}\", \"_rev\": \"1-{}\"}}", hex(32), hex(32))),
            ("a.http", format!("ETag: W/\"{}\"\nx-request-id: {uuid}\ndigest: sha256:{}\n", hex(32), hex(64))),
            ("SHA256SUMS", format!("{}  app.tar.gz\n", hex(64))),
            ("a.html", format!("<script nonce=\"{}\" integrity=\"sha384-{}\"></script>\n", random(BASE64, 22, seed), random(BASE64, 64, seed))),
            ("nginx.conf", format!("add_header Content-Security-Policy \"script-src 'nonce-{}==' 'sha256-{}='\";\n", random(BASE64, 22, seed), random(BASE64, 43, seed))),
            ("mail.eml", format!("Message-ID: <{}.{}@mail.gmail.com>\nReferences: <CA{}@mail.gmail.com>\nDKIM-Signature: v=1; a=rsa-sha256; bh={}=;\n b={}\n", random(BASE62, 20, seed), hex(12), random(BASE62, 40, seed), random(BASE64, 43, seed), random(BASE64, 172, seed))),
            ("a.lock.json", format!("\"checksum\": \"sha256:{}\", \"md5\": \"{}\", \"sha1\": \"{sha}\"", hex(64), hex(32))),
        ]);
    }
    assert_silent(&texts);
}

#[test]
fn data_in_code_is_silent() {
    let mut texts = Vec::new();
    for seed in 0..12 {
        let data = random(BASE64, 4000, seed);
        let svg = STANDARD.encode(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\"><path d=\"M{}\"/></svg>",
            random("0123456789 .,-lhvcz", 600, seed)
        ));
        let source =
            "function passwordOf(user){return user.password}\nconst token=next();\nlet secret=null;\n"
                .repeat(20);
        let map = STANDARD.encode(format!(
            "{{\"version\":3,\"sources\":[\"a.ts\"],\"sourcesContent\":[{source:?}],\"mappings\":\"{}\"}}",
            random("AACAC;,EgBUSqI", 900, seed)
        ));
        texts.extend([
            ("a.css", format!(".a{{background:url(data:image/png;base64,{data})}} .b{{src:url(\"data:font/woff2;base64,{data}==\")}}\n")),
            ("a.svg", format!("<svg><image xlink:href=\"data:image/jpeg;base64,/9j/{data}\"/></svg>")),
            ("a.html", format!("<img src=\"data:image/svg+xml;base64,{svg}\">")),
            ("bundle.js", format!("var a=1;\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,{map}\n")),
            ("bundle.js.map", format!("{{\"version\":3,\"mappings\":\"{}\"}}", random("AACAC;,EgBUSqIkLmN", 9000, seed))),
            ("a.wasm.js", format!("const wasm=\"{data}\",token=wasm,key=atob(\"{data}\");")),
        ]);
    }
    let minified = "!function(e,t){\"use strict\";var n=e.password,r=t.token||\"\",o={type:\"password\",name:\"token\",secret:void 0,\
         key:\"secret\"};if(n!==o.password){throw Error(\"password mismatch\")}o.apiKey=n?n.apiKey:null;e.accessToken=r;\
         var a=\"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\",\
         i={passwordPlaceholder:\"Password...\",passwordMinLength:8,tokenUrl:\"/oauth2/token\"};}(this,window);";
    texts.push(("app.min.js", minified.repeat(30)));
    assert_silent(&texts);
}

#[test]
fn public_keys_and_certificates_are_silent() {
    let body: Vec<_> = (0..14).map(|seed| random(BASE64, 64, seed)).collect();
    let block =
        |label: &str| format!("-----BEGIN {label}-----\nMIID{}\n-----END {label}-----\n", body.join("\n"));
    let labels = [
        "CERTIFICATE",
        "PUBLIC KEY",
        "RSA PUBLIC KEY",
        "CERTIFICATE REQUEST",
        "X509 CRL",
        "DH PARAMETERS",
        "EC PARAMETERS",
        "PGP PUBLIC KEY BLOCK",
        "PGP SIGNATURE",
        "SSH SIGNATURE",
        "PKCS7",
    ];
    let mut texts: Vec<_> = labels.iter().map(|label| ("a.pem", block(label))).collect();
    texts.extend(labels.iter().map(|label| ("a.json", block(label).replace('\n', "\\n"))));
    texts.push((
        "a.yaml",
        format!(
            "tls.crt: {}\nca.crt: {}\n",
            STANDARD.encode(block("CERTIFICATE")),
            STANDARD.encode(block("PUBLIC KEY"))
        ),
    ));
    let rsa = format!("AAAAB3NzaC1yc2EAAAADAQABAAABgQ{}", random(BASE64, 340, 4));
    let ed = format!("AAAAC3NzaC1lZDI1NTE5AAAAI{}", random(BASE64, 43, 5));
    texts.extend([
        (
            "known_hosts",
            format!(
                "github.com ssh-ed25519 {ed}\n|1|{}=|{}= ssh-rsa {rsa}\n",
                random(BASE64, 27, 6),
                random(BASE64, 27, 7)
            ),
        ),
        (
            "authorized_keys",
            format!("ssh-rsa {rsa} ci@acme.io\ncommand=\"/bin/true\" ssh-ed25519 {ed} root@db\n"),
        ),
        ("id_rsa.pub", format!("ssh-rsa {rsa} me@laptop\n")),
        ("main.tf", format!("public_key = \"ssh-rsa {rsa}\"\n")),
        (
            "jwks.json",
            format!(
                "{{\"keys\":[{{\"kty\":\"RSA\",\"kid\":\"{}\",\"n\":\"{}\",\"e\":\"AQAB\"}}]}}",
                random(HEX, 40, 8),
                random(BASE62, 342, 9)
            ),
        ),
        ("Info.plist", format!("<key>SUPublicEDKey</key><string>{}=</string>", random(BASE64, 43, 10))),
    ]);
    assert_silent(&texts);
}

/// The token that jwt.io and many manuals print: a header, claims of John Doe, and a signature with a published key.
#[test]
fn tokens_of_manuals_are_silent() {
    let claims = "{\"sub\":\"1234567890\",\"name\":\"John Doe\",\"iat\":1516239022}";
    let head = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    let [head, claims] = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let token = format!("{head}.{claims}.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c");
    assert_silent(&[
        ("docs/api.md", format!("```\nAuthorization: Bearer {token}\n```\n")),
        ("README.md", format!("curl -H 'Authorization: Bearer {head}.{claims}.<signature>'\n")),
        ("docs/api.md", format!("The header `{head}` and the claims `{claims}` are only encoded.\n")),
    ]);
}

/// Among tests keys and passwords may be made up, and may not: they are said, but weigh little. Tokens of vendors weigh as ever.
#[test]
fn test_vectors_weigh_little_and_are_not_hidden() {
    let key = key_lines().join("\n");
    let texts = [
        ("tests/vectors/rsa.pem", key.clone()),
        ("crypto/testdata/pkcs8.pem", key.clone()),
        ("spec/fixtures/keys.rb", format!("KEY = <<~PEM\n  {}\nPEM\n", key.replace('\n', "\n  "))),
        ("src/test/resources/login.json", format!("{{\"password\": \"{CHOSEN}\"}}")),
        ("src/kdf_test.go", format!("password: \"{CHOSEN}\", salt: \"NaCl\",\n")),
        (
            "tests/aes.rsp",
            format!(
                "KEY = {}\nIV = {}\nCT = {}\n",
                random(HEX, 64, 1),
                random(HEX, 32, 2),
                random(HEX, 32, 3)
            ),
        ),
    ];
    for (path, text) in texts {
        let findings = scan(&SHIPPED, path, text.as_bytes());
        let [finding] = findings.as_slice() else { panic!("{path}: {findings:?}") };
        assert_eq!((finding.severity, finding.confidence), (Severity::Low, Confidence::Low), "{path}");
    }
    let token = format!("token = \"{}\"", TOKEN.as_str());
    let found = scan(&SHIPPED, "tests/fixtures/a.py", token.as_bytes());
    assert_eq!(found[0].severity, Severity::Critical);
    // Published vectors of HMAC (RFC 4231), PBKDF2 (RFC 6070) and scrypt (RFC 7914) are guessable, and say so themselves.
    assert_silent(&[
        ("tests/hmac.rs", format!("Key = {}\nData = 4869205468657265\n", "0b".repeat(20))),
        ("tests/kdf.py", "pbkdf2(password=\"password\", salt=\"salt\", iterations=4096)\n".to_owned()),
        ("tests/scrypt.c", "scrypt(\"pleaseletmein\", \"SodiumChloride\", 16384, 8, 1)\n".to_owned()),
    ]);
}

/// Each stands beside a text that differs only in what makes it a secret.
#[test]
fn what_reports_documents_and_code_say_is_silent() {
    let hex = |length, seed| random(HEX, length, seed);
    let (first, key) = (random(BASE64, 57, 20), key_lines().join("\n"));
    let drawn = random(BASE62, 32, 21);
    let pairs = [
        // Keys under which something is found, and those of ciphers.
        (
            "scan.json",
            format!("\"mergeKey\": \"{}\"", hex(32, 1)),
            format!("\"encryptionKey\": \"{}\"", hex(32, 1)),
        ),
        (".env", format!("node_key={}", hex(40, 2)), format!("NODE_API_KEY={}", hex(40, 2))),
        // The number of a request: what was drawn, and the time.
        (
            "answer.json",
            format!("\"supportToken\": \"{}1731541902285\"", hex(32, 3)),
            format!("\"supportToken\": \"{}\"", hex(45, 3)),
        ),
        // Texts for people, in whatever language and however they are spelled.
        (
            "apk.json",
            "\"\\\"hintPassword\\\" : \\\"jelsz\\u00f3\\\"\"".to_owned(),
            format!("\"\\\"hintPassword\\\" : \\\"{CHOSEN}\\\"\""),
        ),
        (
            "apk.json",
            "\"\\\"password_toggle_content_description\\\" : \\\"Zobrazit heslo\\\"\"".to_owned(),
            format!("\"\\\"password_description\\\" : 1, \\\"password\\\" : \\\"{CHOSEN}\\\"\""),
        ),
        (
            "eye.json",
            "\"path_password\": \"M2,4.27 L19.73,22 L22.27,19.46 L4.54,1.73 Z\"".to_owned(),
            format!("\"path_password\": \"{CHOSEN}\""),
        ),
        ("regions.php", "'PW' => 'Palau',\n".to_owned(), format!("'pw' => '{CHOSEN}',\n")),
        // An excerpt of a key, and a key.
        (
            "client.py",
            format!(
                ":param key: the key, e.g. `-----BEGIN RSA {0}-----MIIEpQI{first}\\n.-----END RSA {0}-----`\n",
                "PRIVATE KEY"
            ),
            format!("KEY = \"\"\"{key}\"\"\"\n"),
        ),
        // Addresses that everyone is to follow.
        (
            "README.md",
            format!("[join us](https://qm.acme.io/join?k=1&authKey={drawn}&noverify=0)\n"),
            format!("curl 'https://qm.acme.io/join?k=1&authKey={drawn}'\n"),
        ),
        (
            "pip.conf",
            "index-url = https://aws:REGISTRY_TOKEN@d.acme.io/simple/\n".to_owned(),
            format!("index-url = https://aws:{drawn}@d.acme.io/simple/\n"),
        ),
        (
            "op.py",
            "MONGO = \"mongodb://reader:reader_password@db.acme.io/local\"\n".to_owned(),
            format!("MONGO = \"mongodb://reader:{CHOSEN}@db.acme.io/local\"\n"),
        ),
        // What something is compared with, opened with, or switched by.
        (
            "Field.vue",
            "<Icon v-if=\"type === 'password'\" :icon=\"faEye\" />\n".to_owned(),
            format!("login({{'password': \"{CHOSEN}\"}})\n"),
        ),
        (
            "Crypt.kt",
            format!("val url = decryptOtherKey(\"{drawn}\")\n"),
            format!("val url = setApiKey(\"{drawn}\")\n"),
        ),
        ("kickstart.ks", "rootpw --lock\n".to_owned(), format!("rootpw {CHOSEN}\n")),
        ("tox.ini", "pass_env=OAUTH_*\n".to_owned(), format!("pass={CHOSEN}\n")),
        (
            "sast.json",
            "\"cve\": \"lib/a.js:9:hardcoded_jwt_secret:CWE-798\"".to_owned(),
            format!("\"jwt_secret\": \"{drawn}\""),
        ),
        // Forms of one program in the files of another.
        (
            "report.xml",
            format!("<test><name>login</name><{0}>it opens the gate</{0}></test>\n", "pass"),
            format!("<Server><Host>ftp.acme.io</Host><Pass>{CHOSEN}</Pass></Server>\n"),
        ),
        (
            "Stack.cs",
            "    var server = new Server {\n        Password = adminPassword,\n".to_owned(),
            format!("    Password = \"{CHOSEN}\",\n"),
        ),
        (
            "secret.yaml",
            "kind: Secret\nstringData:\n  users: user1,user2\n".to_owned(),
            format!("kind: Secret\nstringData:\n  users-password: {CHOSEN}\n"),
        ),
        (
            "app/Language/hr/Login.php",
            format!("    'password' => '{}',\n", "Lozinka"),
            format!("    'api_key' => '{drawn}',\n"),
        ),
        (
            "test_sts.py",
            "\"Authorization\": \"Basic dXNlcm5hbWU6cGFzc3dvcmQ=\",".to_owned(),
            format!("\"api_key\": \"{drawn}\","),
        ),
    ];
    assert_told_apart(&pairs);
}

/// What is known by where it stands or what it is: public halves, what is encrypted or looked up, what is only examined, words and names in
/// sentences.
#[test]
fn what_is_public_examined_or_named_is_silent() {
    let (drawn, hex) = (random(BASE62, 44, 30), random(HEX, 64, 31));
    let fake = STANDARD.encode("this is a fake bearer token!");
    let pairs = [
        (
            "stake_test.go",
            format!("Auth: common.PublicKeyFromString(\"{drawn}\"),\n"),
            format!("Auth: common.SecretKeyFromString(\"{drawn}\"),\n"),
        ),
        (
            "cipher.java",
            format!("Auth: Keys.parsePublicKey(\"{drawn}\"),\n"),
            format!("cfg.setPubkeyPassphrase(\"{CHOSEN}\");\n"),
        ),
        (
            "issuer.py",
            format!("issuer = 'did:key:{drawn}'\n"),
            format!("issuer = 'did:web:acme.io'\ntoken = '{drawn}'\n"),
        ),
        ("sheet.py", format!("sh = client.open_by_key('{drawn}')\n"), format!("api_key = '{drawn}'\n")),
        (
            "radiotap.go",
            "token = \"160(20LLL)\"\n".to_owned(),
            format!("token = \"{}\"\n", ["aZ9(kLm2$pQ8)", &drawn].concat()),
        ),
        (
            "login.py",
            "{'last_auth_user': 'Yahoo-1234'}\n".to_owned(),
            format!("{{'last_auth_password': '{CHOSEN}'}}\n"),
        ),
        (
            "wallet.py",
            format!("test_key = 'U2FsdGVkX1{}'\n", random(BASE64, 86, 32)),
            format!("test_key = 'U3FsdGVkX1{}'\n", random(BASE64, 86, 32)),
        ),
        (
            "register.py",
            "ok, error = validate_password('ValidPass123!')\n".to_owned(),
            format!("ok, error = set_password('{CHOSEN}')\n"),
        ),
        (
            "did.ts",
            format!("const issuer = 'did:key:z6Mk{drawn}';\n"),
            format!("const key = 'z6Mk{drawn}';\n"),
        ),
        ("swap.js", format!("btcPinKey: '02{hex}',\n"), format!("btcPinKey: '12{hex}',\n")),
        (
            "mongo.yml",
            "data:\n  password: Y2hhbmdlbWU=\n---\n".to_owned(),
            format!("data:\n  password: {}\n---\n", STANDARD.encode(CHOSEN)),
        ),
        (
            "RequirePassTest.php",
            "RequirePass::resolve('not a file name', 2);\n".to_owned(),
            format!("requirepass: '{CHOSEN}'\n"),
        ),
        (
            "values.schema.k",
            "    Enable secret filtering.\n".to_owned(),
            "    enable secret Filter1ng.\n".to_owned(),
        ),
        ("spec.md", "PGPASSWORD=ctx.dbPassword) psql\n".to_owned(), format!("PGPASSWORD={CHOSEN} psql\n")),
        (
            "descriptors.go",
            format!("Examples: []string{{\"Bearer {fake}\"}},\n"),
            format!("Examples: []string{{\"Bearer {}\"}},\n", random(BASE62, 40, 33)),
        ),
        (
            "check.sh",
            "write mosquitto_passwords 'ci:$argon2id$v=19$m=19456,t=2,p=1$placeholder$placeholder'\n"
                .to_owned(),
            format!("write mosquitto_passwords 'ci:$argon2id$v=19$m=19456,t=2,p=1${drawn}'\n"),
        ),
        (
            "docker.yml",
            "  LDAP_JWT_SECRET: somejwtsecret\n".to_owned(),
            format!("  LDAP_JWT_SECRET: {drawn}\n"),
        ),
    ];
    assert_told_apart(&pairs);
}

#[test]
fn what_anyone_may_know_is_not_beyond_doubt() {
    let rules = load().0.into_iter().map(|loaded| loaded.rule).collect();
    let strict = SecretsEngine::new(rules, SALT).unwrap().with_profile(Profile::Strict);
    for value in
        ["nextcloud", "Wachtwoord", "p@ssw0rd", "S3cr3t!23", "hunter2", "Zm9vYmFy", "dGVzdHBhc3N3b3Jk"]
    {
        let found = scan(&strict, "compose.yaml", format!("  DB_PASSWORD: {value}\n").as_bytes());
        assert!(found.is_empty(), "{value}: {found:?}");
    }
    let found = scan(&strict, "compose.yaml", format!("  DB_PASSWORD: {CHOSEN}\n").as_bytes());
    assert_eq!(found.len(), 1);
}

/// Types, names of other things, what says its name again, and what hands do on a keyboard.
#[test]
fn what_only_names_or_repeats_is_silent() {
    let id = random(HEX, 32, 4).to_ascii_uppercase();
    let sealed = format!("1$2${}=${}{}", random(BASE62, 43, 5), "Z0FBQUFB", random(BASE62, 180, 6));
    let key = [&[0xa0][..], &[7, 91, 23, 200].repeat(8)].concat();
    let public = base32(&[&key[..], &palisade_rulefile::crc16_xmodem(&key).to_le_bytes()].concat());
    assert!(public.starts_with('U') && public.len() == 56);
    assert_silent(&[
        ("Member.php", "'Password' => 'Varchar(160)',\n".to_owned()),
        ("app.bicep", "resource jwtSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {\n".to_owned()),
        ("Setup.vdproj", format!("\"OwnerKey\" = \"8:_{id}\"\n")),
        ("values.yaml", "smtpPassword: smtppassword\nadminPassword: admin-password\n".to_owned()),
        ("values.yaml", format!("keystorePassword: {}\n", STANDARD.encode("keystore-password"))),
        ("Config.kt", "SQL_PASSWORD(\"spring.r2dbc.password\"),\n".to_owned()),
        ("README.md", "    client_secret: '%env(OAUTH_AUTH0_CLIENT_SECRET)%'\n".to_owned()),
        ("guide.md", "- Secret `openzaak` must be there.\n".to_owned()),
        (
            "pages.livemd",
            format!(
                "<!-- livebook:{{\"offset\":12,\"stamp\":{{\"token\":\"XCP.{}\"}}}} -->\n",
                random(BASE62, 90, 7)
            ),
        ),
        ("inventory.py", format!("\"token\": \"{sealed}\",\n")),
        ("user.dart", "\"notificationToken\": \"jsdfgdsfjghsdfghdfsjkghsfkdjg\",\n".to_owned()),
        ("keys.ts", format!("const apiKey = '{}';\n", "lkm1s2k8vq".repeat(4))),
        ("login.php", "'PHP_AUTH_PW' => 'WrongPass!2',\n".to_owned()),
        ("server.conf", format!("# Public key: {public}\n")),
        ("push.json", format!("{{\"server_key\": \"BCk{}=\"}}\n", random(BASE62, 84, 9))),
        ("Preview.kt", format!("key = \"ChIJ{}\",\n", random(BASE62, 23, 10))),
        ("notarize.sh", "xcrun notarytool submit app.zip --password \"@keychain:AC_PASSWORD\"\n".to_owned()),
        ("default.nix", "gpgKey = \"6105AB13B9DCDD1B\";\n".to_owned()),
        ("mesh_test.go", "AgentToken: \"deadbeef1234567890\",\n".to_owned()),
        (
            "orders.php",
            "'href' => 'https://www.paypal.com/checkoutnow?token=5O190127TN364715T',\n".to_owned(),
        ),
        ("limit.py", "headers = {\"Authorization\": \"Bearer invalid-api-key-99999\"}\n".to_owned()),
        ("backup.yml", "  {{ 'PGPASSWORD=\"' ~ item.password ~ '\"' }} pg_dump\n".to_owned()),
        ("README.md", format!("- Release GPG key: {}\n", random(HEX, 40, 11).to_ascii_uppercase())),
        ("journal.md", "re-pointed to the satellite's truth pass (`be774a8`), so the\n".to_owned()),
        ("log.md", format!("cache key: {}\n", random(HEX, 40, 12))),
        ("applicationhost.config", format!("sessionKey=\"AQIAAA5mAAAApAAA{}\"\n", random(BASE62, 220, 13))),
        ("Input.tsx", "  password: <Lock className=\"w-5 h-5\" />,\n".to_owned()),
        ("main.py", "    \"REDIS_PASSWORD\": \"redis-primary-key\",\n".to_owned()),
        ("seed.py", "    user=parsed.username, password=parsed.password,\n".to_owned()),
        ("mail.conf.example", "SMTP_PASSWORD=\"votre-mot-de-passe\"\n".to_owned()),
        ("index.js", "// https://user:n@me:p@ss:word@x.com/ is wrong\n".to_owned()),
        ("report.md", format!("| `mission list` | PASS | `{}` |\n", random(HEX, 64, 14))),
        ("converge.yml", format!("  - key: {}\n", random(HEX, 16, 15).to_ascii_uppercase())),
        ("gadget.rb", "@password = \"topsecret\"\n".to_owned()),
        ("restore.sh", "podman run -e DB_PASSWORD=\"$TEST_PW\" \\\n  \"$IMAGE\"\n".to_owned()),
        ("build.ps1", "Invoke-Sqlcmd -ServerInstance $srv -Username sa -Password $pw -Query $q\n".to_owned()),
        ("session.json", "\"client_session_token\": \"3fa85f64-5717-4562-b3fc-2c963f66afa6\",\n".to_owned()),
        ("Light.cs", format!("'correlationToken': '{}',\n", random(BASE64, 48, 21))),
        ("auth.ts", "expect(deriveDevicePassword('danny_a1b2').length).toBe(24);\n".to_owned()),
        ("Jenkinsfile", format!("GITHUB_TOKEN=credentials('{}')\n", uuid(22))),
        ("Dockerfile", "RUN adduser --disabled-password yt4-fastapi2-user\n".to_owned()),
        ("stripe_test.py", "mock = Mock(id=\"we_1234567890\", secret=\"whsec_1234567890\")\n".to_owned()),
    ]);
    for (path, text) in [
        (
            "SecurityConfig.java",
            "auth.inMemoryAuthentication().withUser(\"anil\").password(\"{noop}delhi\")\n".to_owned(),
        ),
        ("inventory.py", format!("\"client_secret\": \"{}\",\n", random(BASE62, 40, 8))),
        ("token.go", format!("const token = `{}`\n", random(HEX, 40, 16))),
        (".env", format!("PASS={}\n", random(HEX, 32, 17))),
        ("release.md", format!("Publish with gpg token: {}\n", random(HEX, 40, 18))),
        ("app.php", format!("'password' => '${}${}',\n", "kEy9xPq", "vT2mLz8W")),
        ("app.py", format!("url = \"postgres://bob:{}@db.acme.io/x\"\n", "acme.2024.pass")),
        (".env", format!("DB_PASSWORD={}_1234567890\n", "AcmeProd")),
        ("push.py", format!("headers = {{\"Authorization\": \"Basic {}\"}}\n", random(BASE62, 48, 20))),
        ("values.yaml", format!("smtpPassword: {CHOSEN}\n")),
        ("db.go", "ApplyURI(\"mongodb+srv://uday:uday@cluster0.x4kq.mongodb.net/shop\")\n".to_owned()),
    ] {
        assert_eq!(scan(&SHIPPED, path, text.as_bytes()).len(), 1, "{path}: {text}");
    }
}

/// A line of a key and words are no key; blanks may stand for the ends of its lines.
#[test]
fn words_are_no_lines_of_a_key() {
    let lines = key_lines();
    let [begin, first, .., end] = lines.as_slice() else { panic!("{lines:?}") };
    let words = [begin, first, "Test SSH key content for validation", end].join("\n");
    assert_silent(&[("provider_test.py", format!("key = \"\"\"{words}\"\"\"\n"))]);
    assert_eq!(scan(&SHIPPED, "provider.env", lines.join(" ").as_bytes()).len(), 1);
}

/// RFC 4648 6, without padding.
fn base32(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digit = |five: &[u8]| {
        let number = usize::from_str_radix(std::str::from_utf8(five).unwrap(), 2).unwrap();
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[number])
    };
    bits.as_bytes().chunks(5).map(digit).collect()
}

/// Tests, examples and manuals show what a credential looks like. Beyond doubt are only forms there that their vendors gave, and keys.
#[test]
fn what_illustrates_is_not_beyond_doubt() {
    let rules = load().0.into_iter().map(|loaded| loaded.rule).collect();
    let strict = SecretsEngine::new(rules, SALT).unwrap().with_profile(Profile::Strict);
    let secret = random(BASE62, 32, 3);
    let guessed = [
        format!("client_secret = \"{secret}\"\n"),
        format!("url = \"postgres://app:{CHOSEN}@db.acme.io/app\"\n"),
        format!("Authorization: Basic {}\n", STANDARD.encode(format!("app:{secret}"))),
    ];
    let formed = [format!("token = \"{}\"\n", TOKEN.as_str()), key_lines().join("\n")];
    let illustrate = [
        "tests/login.py",
        "src/integration-tests/login.py",
        "Shop.UnitTests/Login.cs",
        "src/LoginTest.java",
        "src/LoginSpec.scala",
        "fixtures3.json",
        "spec/vcr_cassettes/login.yml",
        "README.md",
        "docs/login.txt",
        ".env.example",
    ];
    for text in &guessed {
        for path in illustrate {
            assert!(scan(&strict, path, text.as_bytes()).is_empty(), "{path}: {text}");
            assert_eq!(scan(&SHIPPED, path, text.as_bytes()).len(), 1, "{path}: {text}");
        }
        for path in ["src/login.py", "latest/contest.cs", "deploy/production-values.json", "src/Attest.java"]
        {
            assert_eq!(scan(&strict, path, text.as_bytes()).len(), 1, "{path}: {text}");
        }
    }
    for text in &formed {
        for path in illustrate {
            assert_eq!(scan(&strict, path, text.as_bytes()).len(), 1, "{path}: {text}");
        }
    }
}

/// What looks like a secret by its letters: the digests of nothing, numbers of objects, what Jenkins and others have sealed, the first of
/// two arguments, and constants of operating systems.
#[test]
fn what_is_sealed_or_a_number_is_silent() {
    let nothing = ["da39a3ee5e6b4b0d3255", "bfef95601890afd80709"].concat();
    let sealed = ["AQAAABAAAAAQ", &random(BASE64, 43, 11), "="].concat();
    let salted = [random(BASE64, 43, 12), random(BASE64, 22, 13)].join("=") + "==";
    assert_silent(&[
        ("run.sh", format!("git config --global credential.azreposServicePrincipalSecret \"{nothing}\"\n")),
        ("types.go", format!("OID_PKIX_KP_SERVER_AUTH = []byte(\"{}\")\n", r"1.3.6.1.5.5.7.3.1\x00")),
        ("credentials.json", format!("{{\"password\": \"{sealed}\"}}\n")),
        ("users.json", format!("{{\"bob\": {{\"password\": \"{salted}\"}}}}\n")),
        (
            "page.html",
            format!("<input name=\"authenticity_token\" value=\"{}\" />\n", random(BASE64, 64, 14)),
        ),
        ("errors.h", "KEY_SPEC_REQKEY_AUTH_KEY = -0x7".to_owned()),
        (
            "lib.rs",
            "/// The digest of a password: `GRAYLOG_SHA256_PASSWORD`, or of a token: `CI_DEPLOY_TOKEN_2`.\n"
                .to_owned(),
        ),
        ("passes.def", "DUMMY_FUNCTION_PASS(\"gc-lowering\", GCLoweringPass, ())\n".to_owned()),
        ("tests/aead.rs", format!("let key = from_hex(\"{}\").unwrap();\n", random(HEX, 64, 16))),
        ("lang/aa-ER/auth.php", "'password' => 'crwdns1779:0crwdne1779:0',\n".to_owned()),
        (".env", format!("GRAYLOG_SHA256_PASSWORD={}\n", random(HEX, 64, 15))),
        ("users_test.go", "ok, err := provider.CheckUserPassword(\"john\", \"\")\n".to_owned()),
    ]);
}

/// What tells people to write a password in Chinese, and a key that is shown in part.
#[test]
fn placeholders_of_documents_are_silent() {
    let head = key_lines().into_iter().take(4).collect::<Vec<_>>().join("\n");
    assert_silent(&[
        (
            "mysql.md",
            "set password = password('新密码');\ngrant all on *.* to '用户'@'%' identified by '密码';\n"
                .to_owned(),
        ),
        ("mongo.md", "mongo 127.0.0.1:27017/admin -u 用户名 -p 用户密码\n".to_owned()),
        ("run.sh", "sshpass -p '密码' ssh -n root@$IP \"echo hello\"\n".to_owned()),
        ("product.md", format!("{head}\n...\nM0dwUpIYnvr3z1h\n")),
    ]);
}

/// What standards print and everybody copies, counted bytes, names of constants, formats and injections.
#[test]
fn what_everybody_has_is_silent() {
    let jose = URL_SAFE_NO_PAD.encode("{\"iss\":\"joe\",\r\n \"exp\":1300819380}");
    let header = URL_SAFE_NO_PAD.encode("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}");
    let token = [&header, jose.as_str(), &random(BASE62, 43, 17)].join(".");
    assert_silent(&[
        (
            "oauth.py",
            "oauth_token = \"nnch734d00sl2jdk\"\noauth_token_secret = \"pfkkdhi9sl3r4s00\"\n".to_owned(),
        ),
        (
            "totp.go",
            "secret := \"JBSWY3DPEHPK3PXP\"\nsecret = \"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\"\n".to_owned(),
        ),
        ("hmac_test.rs", format!("let token = \"{token}\";\n")),
        ("shamir.py", "secret = unhexlify(\"000102030405060708090a0b0c0d0e0f\")\n".to_owned()),
        (
            "oauth_test.ts",
            "jwks: { keys: [{ kty: 'RSA', n: 'public-modulus', d: 'private-exponent' }] }\n".to_owned(),
        ),
        ("external-secret.yaml", "- secretKey: ZIGBEE_CONFIG_MQTT_USER\n".to_owned()),
        ("check.py", "print(f\"{pwd:20s} {token:>12} {secret:.3f}\")\n".to_owned()),
        ("project.pbxproj", format!("<key>{}</key>\n", random("0123456789ABCDEF", 24, 18))),
        ("README.md", "username=admin&password=%27+or+%271%27%3D%271\n".to_owned()),
        ("public/messages/da-DK.json", "{\"password\": \"Adgangskode\"}\n".to_owned()),
        ("ios/Podfile.lock", format!("SPEC CHECKSUMS:\n  FirebaseAuth: {}\n", random(HEX, 40, 20))),
        ("sealed.yaml", format!("  client-secret: AgB{}\n", random(BASE64, 400, 22))),
        ("auth.js", "Authorization: `Bearer sdfhaskfdja-jahfdaksdf`,\n".to_owned()),
        ("report.md", "- PASS: `documents=10`, all of them.\n".to_owned()),
        ("values.yaml", format!("checksum/secret: {}\n", random(HEX, 64, 21))),
        ("hint.html", "?username=asdf&amp;password=asdf&amp;login=Login\n".to_owned()),
        ("test.py", format!("mock_token = \"{}\"\n", random(BASE62, 40, 19))),
    ]);
}

/// What a file's name takes for a label or a sum is a guess; a key is none.
#[test]
fn keys_in_files_called_like_translations_are_loud() {
    let key = key_lines().join("\n");
    for path in ["tls-ca.key", "my-ca.pem", "locales/server.pem", "us-CA.json"] {
        assert_eq!(scan(&SHIPPED, path, key.as_bytes()).len(), 1, "{path}");
    }
}

/// Git's configuration names the key that signs by its number or fingerprint, without quotes; of the same name is what signs tokens.
#[test]
fn numbers_of_keys_in_the_configuration_of_git_are_silent_and_keys_that_sign_are_loud() {
    let number = ["77258BB2", "E99B579D"].concat();
    for value in [number.clone(), random(HEX, 40, 21), random(HEX, 40, 22).to_uppercase()] {
        assert_silent(&[(".gitconfig", format!("[user]\n\tsigningKey = {value}\n"))]);
        assert_silent(&[(".git/config", format!("[user]\n\tsigningkey={value}\n"))]);
    }
    let key = random(HEX, 40, 23);
    for (path, text) in [
        ("appsettings.json", format!("{{\"Jwt\": {{\"signingKey\": \"{key}\"}}}}\n")),
        ("settings.py", format!("signingKey = \"{key}\"\n")),
        ("app.yaml", format!("jwt:\n  signingKey: {key}\n")),
    ] {
        assert_eq!(scan(&SHIPPED, path, text.as_bytes()).len(), 1, "{path}");
    }
}

/// The secrets that are told of a file, and those that are held of its bytes before a name is known, as in a history.
fn told_and_held(engine: &SecretsEngine, path: &str, bytes: &[u8]) -> (Vec<Mark>, Vec<Mark>) {
    let path = RepoPath::from_bytes(path).unwrap();
    let reading = engine.read(bytes);
    let entry = Entry { meta: EntryMeta::file(&path, bytes.len() as u64), bytes };
    let told = engine.reported(&entry, &reading, &mut Sink::new());
    let held = engine.marks(bytes, &reading);
    (told.iter().map(|one| one.mark).collect(), held.iter().map(|one| one.mark).collect())
}

/// An encrypted token has five parts (RFC 7516 3.1), of which only who has the key reads any.
#[test]
fn encrypted_web_tokens_are_silent() {
    let head = URL_SAFE_NO_PAD.encode("{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}");
    let part = |length: usize, seed: u64| URL_SAFE_NO_PAD.encode(random(BASE62, length, seed));
    let token = format!("{head}.{}.{}.{}.{}", part(256, 5), part(12, 6), part(64, 7), part(16, 8));
    let texts = [
        ("request.http", format!("Authorization: Bearer {token}\n")),
        ("notes.txt", format!("it answers {token} then\n")),
        ("app.json", format!("{{\"id_token\": \"{token}\"}}")),
        ("session.py", format!("token = \"{token}\"\n")),
    ];
    for (path, text) in &texts {
        assert_eq!(told_and_held(&SHIPPED, path, text.as_bytes()), (Vec::new(), Vec::new()), "{text}");
    }
}
