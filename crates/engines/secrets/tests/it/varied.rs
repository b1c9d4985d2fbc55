//! Credentials that nobody has seen, under many names, in the forms of many languages; and the same statements with what is no
//! credential. With all shipped rules, in the profile that people use.

use crate::examples::{SHIPPED, scan};
use crate::text::{BASE62, BASE64, HEX, random};

/// Values of each kind that are tried with every name in every form.
const ROUNDS: u64 = 1;
/// Least share of values drawn by machines that is found, and of passwords; most that is found of what is no credential. In percent.
const LEAST_DRAWN: usize = 97;
const LEAST_CHOSEN: usize = 85;
const MOST_QUIET: usize = 1;

const PASSWORD_NAMES: &[&str] = &[
    "password",
    "DB_PASSWORD",
    "dbPass",
    "smtp_pwd",
    "adminPassword",
    "spring.datasource.password",
    "ftp-passwd",
    "MYSQL_ROOT_PASSWORD",
    "keystorePassword",
    "passphrase",
    "senha",
    "mot_de_passe",
];
const TOKEN_NAMES: &[&str] = &[
    "secret",
    "client_secret",
    "clientSecret",
    "API_KEY",
    "apiKey",
    "x-api-key",
    "access_token",
    "authToken",
    "ACME_TOKEN",
    "JWT_SECRET",
    "session_secret",
    "encryptionKey",
    "webhook-secret",
    "aws_secret_access_key",
];

/// Forms in which a name, `@`, is given a value, `#`, each with a file of its kind.
const FORMS: &[(&str, &str)] = &[
    (".env", "@=#\n"),
    (".env", "export @=\"#\"\n"),
    ("app.py", "@ = \"#\"\n"),
    ("app.py", "client = Client(host='db.acme.io', @='#')\n"),
    ("app.py", "config[\"@\"] = '#'\n"),
    ("app.js", "const settings = { \"@\": \"#\" };\n"),
    ("app.ts", "@: string = '#';\n"),
    ("App.java", "props.put(\"@\", \"#\");\n"),
    ("App.cs", "var settings = new Settings { [\"@\"] = \"#\" };\n"),
    ("app.rb", "config = { '@' => '#' }\n"),
    ("app.go", "settings[\"@\"] = \"#\"\n"),
    ("app.rs", "let @ = \"#\";\n"),
    ("index.php", "$config['@'] = '#';\n"),
    ("app.json", "{\"@\": \"#\"}\n"),
    ("app.yaml", "server:\n  @: #\n"),
    ("app.yaml", "server:\n  @: \"#\"\n"),
    ("compose.yaml", "environment:\n  - @=#\n"),
    ("pod.yaml", "- name: @\n  value: \"#\"\n"),
    ("app.toml", "@ = '#'\n"),
    ("app.ini", "[main]\n@ = #\n"),
    ("app.properties", "@=#\n"),
    ("main.tf", "  @ = \"#\"\n"),
    ("app.xml", "<@>#</@>\n"),
    ("web.config", "<add key=\"@\" value=\"#\" />\n"),
    ("Dockerfile", "ENV @=#\n"),
    ("log.txt", "2024-05-01 10:00:00 DEBUG @=#\n"),
];

/// Whether anything is found on `value` when it is given to `name` in this form.
fn is_found(path: &str, form: &str, name: &str, value: &str) -> bool {
    let text = form.replace('@', name).replace('#', value);
    let at = text.find(value).unwrap();
    let findings = scan(&SHIPPED, path, text.as_bytes());
    findings
        .iter()
        .any(|finding| finding.location.bytes.start < at + value.len() && at < finding.location.bytes.end)
}

/// Tries every value with every name in every form: how many there were, and which were found.
fn tried(names: &[&str], values: impl Fn(u64) -> Vec<String>) -> (usize, Vec<String>, Vec<String>) {
    let (mut found, mut silent) = (Vec::new(), Vec::new());
    let mut seed = 1;
    for (path, form) in FORMS {
        for name in names {
            for value in (0..ROUNDS).flat_map(|round| values(seed * ROUNDS + round)) {
                let line = format!("{path}: {}", form.trim_end().replace('@', name).replace('#', &value));
                match is_found(path, form, name, &value) {
                    true => found.push(line),
                    false => silent.push(line),
                }
            }
            seed += 1;
        }
    }
    (found.len() + silent.len(), found, silent)
}

/// One of several, by a number.
fn pick<'t>(from: &[&'t str], seed: u64) -> &'t str {
    from[usize::try_from(seed).unwrap() % from.len()]
}

fn drawn(seed: u64) -> Vec<String> {
    vec![
        random(HEX, 32, seed),
        random(BASE62, 40, seed),
        random(BASE64, 43, seed) + "=",
        random(BASE62, 24, seed),
    ]
}

/// What people think of: something to say, a year or a number, and a mark.
fn chosen(seed: u64) -> Vec<String> {
    let syllables = ["ka", "mo", "tri", "zel", "bur", "nox", "fi", "dra", "quil", "wes", "ston", "ver"];
    let word = [seed, seed / 12, seed / 5].map(|part| pick(&syllables, part)).concat();
    let mut letters = word.chars();
    let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let year = 1960 + seed * 7 % 65;
    let mark = pick(&["!", "+", "$", "*", "?"], seed);
    vec![
        format!("{capital}{year}{mark}"),
        format!("{capital}@{}", seed % 900 + 100),
        format!("{}{}", word.replace('o', "0").replace('e', "3"), year),
        random(BASE62, 12, seed),
    ]
}

fn nothing(name: &str, seed: u64) -> Vec<String> {
    let upper = name.to_uppercase().replace(['-', '.'], "_");
    let given = [
        format!("${{{upper}}}"),
        format!("{{{{ .Values.{} }}}}", name.replace(['-', '.'], "_")),
        format!("your-{name}"),
        format!("<{name}>"),
        "changeme".to_owned(),
        "xxxxxxxxxxxxxxxx".to_owned(),
        format!("vault:secret/data/app#{name}"),
        "********".to_owned(),
        format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}"),
        format!("/run/secrets/{name}"),
        "null".to_owned(),
        format!("REPLACE_WITH_{upper}"),
    ];
    vec![given[usize::try_from(seed).unwrap() % given.len()].clone()]
}

fn share(found: usize, all: usize) -> usize {
    found * 100 / all.max(1)
}

fn shown(lines: &[String]) -> String {
    lines.iter().take(40).cloned().collect::<Vec<_>>().join("\n")
}

#[test]
fn values_that_machines_drew_are_found_wherever_they_stand() {
    let names: Vec<_> = PASSWORD_NAMES.iter().chain(TOKEN_NAMES).copied().collect();
    let (all, found, silent) = tried(&names, drawn);
    let share = share(found.len(), all);
    assert!(share >= LEAST_DRAWN, "{share} % of {all}; silent about:\n{}", shown(&silent));
}

#[test]
fn passwords_that_people_chose_are_found_wherever_they_stand() {
    let (all, found, silent) = tried(PASSWORD_NAMES, chosen);
    let share = share(found.len(), all);
    assert!(share >= LEAST_CHOSEN, "{share} % of {all}; silent about:\n{}", shown(&silent));
}

#[test]
fn what_stands_for_a_credential_is_silent_wherever_it_stands() {
    let names: Vec<_> = PASSWORD_NAMES.iter().chain(TOKEN_NAMES).copied().collect();
    let (mut all, mut loud) = (0, Vec::new());
    for (number, name) in names.iter().enumerate() {
        let (tried, found, _) = tried(&[name], |seed| nothing(name, seed + number as u64));
        all += tried;
        loud.extend(found);
    }
    let share = share(loud.len(), all);
    assert!(share <= MOST_QUIET, "{share} % of {all}; loud about:\n{}", shown(&loud));
}
