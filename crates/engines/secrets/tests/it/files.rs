//! Files in which credentials live, as programs write them: every secret in them is found, and nothing else.
//!
//! Files are templates. `«p12»` is a secret, here a password of 12 characters that is made up when the test runs; `‹h32›` is the same
//! kind of text where it is no secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use palisade_model::{Asset, Finding};

use crate::examples::{SHIPPED, scan};

/// Makes up text: random enough for the rules, the same in every run.
struct Inventor(u64);

impl Inventor {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn draw(&mut self, alphabet: &str, length: usize) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        (0..length).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }

    fn password(&mut self, length: usize) -> String {
        let consonants = "BCDFGHJKLMNPQRSTVWXZbcdfghjkmnpqrstvwxz";
        let body = self.draw("BCDFGHJKLMNPQRSTVWXZbcdfghjkmnpqrstvwxz23456789", length - 4);
        format!(
            "{}{}{}!{}",
            self.draw(consonants, 1),
            self.draw("23456789", 1),
            body,
            self.draw(consonants, 1)
        )
    }

    /// What stands for `code`: a letter that says the kind, and a length.
    fn text(&mut self, code: &str) -> String {
        let (kind, length) = code.split_at_checked(1).unwrap();
        let length: usize = length.parse().unwrap_or(0);
        let base62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        match kind {
            "h" => self.draw("0123456789abcdef", length),
            "H" => self.draw("0123456789ABCDEF", length),
            "d" => self.draw("23456789", length),
            "a" => self.draw(base62, length),
            "A" => self.draw("ABCDEFGHIJKLMNOPQRSTUVWXYZ", length),
            "b" => self.draw(&format!("{base62}+/"), length),
            "c" => self.draw(&format!("{base62}./"), length),
            // Base 64 of a password, and of a user with one.
            "e" => STANDARD.encode(self.password(length)),
            "s" => STANDARD.encode(format!("deployer:{}", self.password(length))),
            // As IDEs of JetBrains spell a password.
            "j" => self.password(length).bytes().map(|byte| format!("df{:02x}", byte ^ 0xaa)).collect(),
            "u" => [8, 4, 4, 4, 12].map(|length| self.draw("0123456789abcdef", length)).join("-"),
            // Lines of accounts.
            "m" => format!("$apr1${}${}", self.text("c8"), self.text("c22")),
            "y" => format!("$2y$05${}", self.text("c53")),
            "x" => format!("$6${}${}", self.text("c8"), self.text("c86")),
            _ => self.password(length),
        }
    }
}

/// A template filled in: the text, and line and value of every secret.
fn fill(template: &str) -> (String, Vec<(u32, String)>) {
    let mut inventor = Inventor(template.len() as u64);
    let (mut text, mut secrets) = (String::new(), Vec::new());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once(['«', '‹']) {
        text.push_str(before);
        let (code, after_code) = after.split_once(['»', '›']).unwrap();
        let made = inventor.text(code);
        if rest.chars().nth(before.chars().count()) == Some('«') {
            secrets.push((text.matches('\n').count() as u32 + 1, made.clone()));
        }
        text.push_str(&made);
        rest = after_code;
    }
    (text + rest, secrets)
}

fn value(text: &str, finding: &Finding) -> String {
    let bytes = &text.as_bytes()[finding.location.bytes.start..finding.location.bytes.end];
    String::from_utf8_lossy(bytes).into_owned()
}

/// What is wrong with the findings in a file.
fn problems(path: &str, template: &str) -> Vec<String> {
    let (text, secrets) = fill(template);
    let findings = scan(&SHIPPED, path, text.as_bytes());
    let found: Vec<_> = findings
        .iter()
        .map(|finding| (finding.location.start.line, value(&text, finding), finding.rule.as_str()))
        .collect();
    let missing = secrets.iter().filter(|(line, secret)| {
        !found
            .iter()
            .any(|(at, value, _)| at == line && (value == secret || value.starts_with(&format!("{secret}="))))
    });
    let missing = missing.map(|(line, secret)| format!("{path}:{line}: not found: {secret}"));
    let unwanted = found.iter().filter(|(line, value, _)| {
        !secrets.iter().any(|(at, secret)| at == line && value.starts_with(secret.as_str()))
    });
    let unwanted = unwanted.map(|(line, value, rule)| format!("{path}:{line}: {rule} found {value}"));
    missing.chain(unwanted).collect()
}

/// The files: name and template.
const FILES: &[(&str, &str)] = &[
    (
        ".netrc",
        "# heroku\nmachine api.heroku.com\n  login ops@acme.io\n  password «p16»\nmachine git.heroku.com\n  login ops@acme.io\n  \
         password «h40»\n\nmachine ftp.acme.io login shop account billing password «p10»\ndefault login guest password ${PW}\n",
    ),
    (
        ".pgpass",
        "# hostname:port:database:username:password\ndb.acme.io:5432:shop:app:«p12»\n10.0.0.7:5432:*:postgres:«p9»\n*:*:*:backup:«p20»\n\
         localhost:5432:test:test:test\n",
    ),
    (
        ".npmrc",
        "registry=https://npm.acme.io/\n//npm.acme.io/:_authToken=«u»\n_auth=«s12»\nemail=ops@acme.io\n\
         //old.acme.io/:username=deployer\n//old.acme.io/:_password=«e14»\nalways-auth=true\n",
    ),
    (
        ".pypirc",
        "[distutils]\nindex-servers =\n    pypi\n    acme\n\n[pypi]\nusername = acme\npassword = «p14»\n\n[acme]\n\
         repository: https://pypi.acme.io/simple/\nusername: builder\npassword: «p9»\n",
    ),
    (
        ".docker/config.json",
        "{\n  \"auths\": {\n    \"https://index.docker.io/v1/\": {\n      \"auth\": \"«s12»\",\n      \"email\": \"ops@acme.io\"\n    },\n    \
         \"registry.acme.io:5000\": {\n      \"auth\": \"«s9»\"\n    },\n    \"ghcr.io\": {}\n  },\n  \"credsStore\": \"desktop\"\n}\n",
    ),
    (
        ".kube/config",
        "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority-data: LS0tLS1CRUdJTiBDRVJU\n    \
         server: https://10.0.0.1:6443\n  name: prod\ncontexts:\n- context: {cluster: prod, user: admin}\n  name: prod\n\
         current-context: prod\nusers:\n- name: admin\n  user:\n    token: «a48»\n- name: basic\n  user:\n    username: basic\n    \
         password: «p12»\n",
    ),
    (
        "deploy/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: database\n  namespace: shop\n  labels:\n    app: shop\ntype: Opaque\ndata:\n  \
         username: YWRtaW5pc3RyYXRvcg==\n  password: «e12»\n  API_TOKEN: «e24»\n  host: ZGIuYWNtZS5pbw==\n---\napiVersion: v1\n\
         kind: ConfigMap\nmetadata:\n  name: colours\ndata:\n  theme: ZGFyay1ibHVlLTE=\n---\nkind: Secret\nstringData:\n  \
         config: nothing\n  smtp-password: \"«p11»\"\n",
    ),
    ("web/.htpasswd", "admin:«m»\nanna:«y»\n# end\n"),
    (
        "etc/shadow",
        "root:«x»:18300:0:99999:7:::\ndaemon:*:18300:0:99999:7:::\nops:!:18300::::::\nanna:!«x»:18300:0:99999:7:::\n",
    ),
    (
        "wp-config.php",
        "<?php\ndefine('DB_NAME', 'wordpress');\ndefine('DB_USER', 'wp_rw');\ndefine('DB_PASSWORD', '«p12»');\n\
         define('DB_HOST', 'db.acme.io');\ndefine('DB_CHARSET', 'utf8');\ndefine('AUTH_KEY',         '«b60»');\n\
         define('SECURE_AUTH_KEY',  '«b64»');\ndefine('LOGGED_IN_KEY',    '«b64»');\ndefine('NONCE_KEY',        '«b64»');\n\
         define('AUTH_SALT',        '«b64»');\n$table_prefix = 'wp_';\n",
    ),
    (
        "filezilla/recentservers.xml",
        "<?xml version=\"1.0\"?>\n<FileZilla3>\n<RecentServers>\n<Server>\n<Host>ftp.acme.io</Host>\n<Port>21</Port>\n<User>shop</User>\n\
         <Pass encoding=\"base64\">«e10»</Pass>\n</Server>\n<Server>\n<Host>10.0.0.8</Host>\n<User>root</User>\n<Pass>«p8»</Pass>\n\
         </Server>\n</RecentServers>\n</FileZilla3>\n",
    ),
    (
        ".idea/WebServers.xml",
        "<project version=\"4\">\n<component name=\"WebServers\">\n<option name=\"servers\">\n<webServer id=\"7\" name=\"shop\" \
         url=\"http://shop.acme.io\">\n<fileTransfer host=\"ftp.acme.io\" port=\"21\" rootFolder=\"/www\" password=\"«j12»\" \
         username=\"shop\">\n</fileTransfer>\n</webServer>\n</option>\n</component>\n</project>\n",
    ),
    (
        "sftp-config.json",
        "{\n    // sftp, ftp or ftps\n    \"type\": \"sftp\",\n    \"upload_on_save\": true,\n    \"host\": \"web.acme.io\",\n    \
         \"user\": \"deploy\",\n    \"password\": \"«p9»\",\n    //\"port\": \"22\",\n    \"remote_path\": \"/srv/www/\",\n    \
         \"ssh_key_file\": \"~/.ssh/id_ed25519\"\n}\n",
    ),
    (
        ".ftpconfig",
        "{\n    \"protocol\": \"ftp\",\n    \"host\": \"web.acme.io\",\n    \"port\": 21,\n    \"user\": \"shop\",\n    \"pass\": \"«p10»\",\n    \
         \"remote\": \"/\",\n    \"passphrase\": \"\"\n}\n",
    ),
    (
        ".msmtprc",
        "defaults\nauth on\ntls on\ntls_trust_file /etc/ssl/certs/ca-certificates.crt\n\naccount work\nhost smtp.acme.io\nport 587\n\
         from anna@acme.io\nuser anna@acme.io\npassword «p12»\n\naccount default : work\n",
    ),
    (
        ".esmtprc",
        "identity \"anna@acme.io\"\nhostname=smtp.acme.io:587\nusername=\"anna\"\npassword=\"«p10»\"\nstarttls=enabled\n",
    ),
    (".config/hub", "github.com:\n- user: anna\n  oauth_token: «h40»\n  protocol: https\n"),
    (
        ".my.cnf",
        "[client]\nuser=shop\npassword=«p10»\nhost=db.acme.io\n\n[mysqld]\nbind-address = 127.0.0.1\n",
    ),
    (
        "inventory/hosts.ini",
        "[web]\nweb1.acme.io ansible_user=ops ansible_ssh_pass=«p10»\nweb2.acme.io ansible_user=ops\n\n[web:vars]\n\
         ansible_become_pass=«p11»\n",
    ),
    (
        ".m2/settings.xml",
        "<settings>\n<servers>\n<server>\n<id>releases</id>\n<username>deployer</username>\n<password>«p12»</password>\n</server>\n<server>\n\
         <id>sealed</id>\n<password>{‹b44›}</password>\n</server>\n</servers>\n</settings>\n",
    ),
    (
        "nuget.config",
        "<configuration>\n<packageSources>\n<add key=\"acme\" value=\"https://nuget.acme.io/v3/index.json\" />\n</packageSources>\n\
         <packageSourceCredentials>\n<acme>\n<add key=\"Username\" value=\"ci\" />\n<add key=\"ClearTextPassword\" value=\"«p16»\" />\n\
         </acme>\n</packageSourceCredentials>\n</configuration>\n",
    ),
    (
        "web.config",
        "<configuration>\n<connectionStrings>\n<add name=\"Shop\" connectionString=\"Data Source=sql.acme.io;Initial Catalog=Shop;User \
         ID=shop_rw;Password=«p12»;Encrypt=True\" providerName=\"System.Data.SqlClient\" />\n<add name=\"Log\" \
         connectionString=\"Server=.;Database=Log;Trusted_Connection=True\" />\n</connectionStrings>\n</configuration>\n",
    ),
    ("redis.conf", "bind 127.0.0.1\nport 6379\n# requirepass foobared\nrequirepass «p20»\nappendonly yes\n"),
    (
        "dump.sql",
        "CREATE DATABASE shop;\nCREATE USER 'shop'@'%' IDENTIFIED BY '«p12»';\nGRANT ALL ON shop.* TO 'shop'@'%';\n\
         INSERT INTO `users` VALUES (1,'anna','anna@acme.io');\nALTER USER 'root'@'localhost' IDENTIFIED BY '«p9»';\n",
    ),
    (
        "wpa_supplicant.conf",
        "ctrl_interface=/run/wpa_supplicant\nnetwork={\n    ssid=\"acme-office\"\n    psk=\"«p14»\"\n    key_mgmt=WPA-PSK\n}\n",
    ),
    (
        "rclone.conf",
        "[nas]\ntype = sftp\nhost = nas.acme.io\nuser = backup\npass = «a32»\n\n[plain]\ntype = local\n",
    ),
    (
        "switch.cfg",
        "hostname core-sw1\nenable secret 0 «p10»\nusername ops privilege 15 secret 0 «p12»\nsnmp-server community «p8» RO\n\
         snmp-server community public RO\nntp server 10.0.0.1\n",
    ),
    (
        "robomongo.json",
        "{\n\"connections\" : [\n{\n\"connectionName\" : \"shop\",\n\"credentials\" : [\n{\n\"databaseName\" : \"shop\",\n\
         \"userName\" : \"app\",\n\"userPassword\" : \"«p9»\"\n}\n],\n\"serverHost\" : \"db.acme.io\",\n\
         \"sshUserPassword\" : \"«p10»\"\n}\n]\n}\n",
    ),
    ("ventrilo_srv.ini", "[Server]\nName=acme\nPhonetic=acme\nAdminPassword=«p9»\nTimestamp=0\n"),
    (
        "deploy.sh",
        "#!/bin/sh\nset -eu\ncurl -fsS -u ci:«p12» https://artifacts.acme.io/upload -T app.zip\nsshpass -p '«p10»' ssh ops@web.acme.io\n\
         mysqldump -h db.acme.io -u backup -p«p11» shop > dump.sql\ndocker login -u acme -p «a24» registry.acme.io\n\
         curl -u \"$USER:$PASS\" https://acme.io/\ncurl -H 'Authorization: Bearer «a40»' https://api.acme.io/\n",
    ),
    (
        "session.har",
        "{\"request\": {\"headers\": [\n{\"name\": \"Accept\", \"value\": \"application/json\"},\n{\"name\": \"Authorization\", \"value\": \
         \"Bearer «a48»\"},\n{\"name\": \"authorization\", \"value\": \"Basic «s14»\"}\n]}}\n",
    ),
    (
        "report.py",
        "import smtplib\nserver = smtplib.SMTP('smtp.acme.io', 587)\nserver.login('reports@acme.io', '«p12»')\nserver.quit()\n",
    ),
    (
        "auth.json",
        "{\n  \"http-basic\": {\n    \"repo.acme.io\": {\n      \"username\": \"ci\",\n      \"password\": \"«p14»\"\n    }\n  }\n}\n",
    ),
    (
        "config/initializers/secret_token.rb",
        "# Be sure to restart your server\nShop::Application.config.secret_key_base = '«h128»'\n",
    ),
    (
        "tomcat-users.xml",
        "<tomcat-users>\n<role rolename=\"manager-gui\"/>\n<user username=\"ops\" password=\"«p10»\" roles=\"manager-gui\"/>\n</tomcat-users>\n",
    ),
    (
        "sealed.yaml",
        "apiVersion: v1\nkind: Secret\nstringData:\n  password: ENC[AES256_GCM,data:‹b20›,iv:‹b43›=,tag:‹b22›==,type:str]\nsops:\n  \
         version: 3.9.0\n",
    ),
    ("package-lock.json", "\"resolved\": \"https://ci:«h40»@npm.acme.io/x.tgz\"\n"),
    ("db-qa.env", "SMTP_PASSWORD=\"«p12»\"\n"),
    ("app.env", "ERROR_TRACKER_API_KEY=«h32»\n"),
    (
        "put.sh",
        "aws secretsmanager put-secret-value --secret-id arn:aws:secretsmanager:eu-west-1:1:secret:x --secret-string '{\"password\":\"«p14»\"}'\n",
    ),
    ("sketch.ino", "const char auth[] = \"«h32»\";\nchar password[32] = \"«p14»\";\n"),
    ("settings.py", "token = os.environ.get(\n    \"APP_TOKEN\", \"«h32»\"\n)\n"),
    ("secrets/db_password.txt", "«p16»\n"),
    (".vault_pass", "# of staging\n\n«p12»"),
    ("deploy/ci.token", "«h40»\r\n"),
    ("compose/secrets/smtp", "«p14»\n"),
    ("VERSION", "‹p16›\n"),
    ("password.py", "‹p16›\n"),
    ("db_password.txt", "changeme\n"),
    ("db_password.txt", "‹p16›\n‹p16›\n"),
    ("etc/rsyncd.secrets", "# user:password\nbackup:«p12»\nanna:«p14»\n"),
    (
        "etc/ppp/chap-secrets",
        "# client server secret addresses\nanna * «p12» *\n\"ops\"\tpptpd\t\"«p14»\"\t10.0.0.5\n",
    ),
    ("etc/ppp/pap-secrets", "anna\t*\t«p12»\n"),
    (
        "pgbouncer/userlist.txt",
        "\"app\" \"«p14»\"\n\"shop\" \"md5‹h32›\"\n\"crm\" \"SCRAM-SHA-256$4096:‹b22›==$‹b43›=:‹b43›=\"\n",
    ),
    ("home/.davfs2/secrets", "https://dav.acme.io/files anna «p12»\n/mnt/dav  \"anna b\"  \"«p14»\"\n"),
    ("conf/jmxremote.password", "monitorRole  «p12»\ncontrolRole   «p14»\n"),
    ("racoon/psk.txt", "203.0.113.9  «p16»\n"),
    ("exim4/passwd.client", "### target:login:password\nsmtp.acme.io:anna:«p12»\n*.acme.io:ops:«p14»\n"),
    ("postfix/sasl_passwd", "[mx.acme.io]:587 anna@acme.io:«p12»\n"),
    ("deploy/credentials.txt", "anna:«p12»\nops:«p14»\n"),
    ("notes.txt", "anna:‹p12›\nops:‹p14›\n"),
    ("src/secrets", "this is prose\nand more of it\n"),
    ("users.csv", "user,password,note\nanna,«p12»,\nops,\"«p14»\",\"two\nlines\"\nbot,,none\nci,changeme,\n"),
    ("export.csv", "\"Group\";\"Username\";\"Passwort\"\r\n\"Root\";\"anna\";\"«p14»\"\r\n"),
    ("keys.tsv", "id\tAPI key\tmade\n1\t«a40»\t2024-05-01\n2\t«h40»\t2024-05-02\n"),
    ("browser.csv", "name,url,username,password\nacme,https://acme.io/login,anna,«p12»\n"),
    ("fields.csv", "token,password\nid,required\nkeyword,optional\n"),
    ("parse.py", "user, password = login()\nuser, ‹p12› = login()\n"),
    ("mac.pem", "-----BEGIN CERTIFICATE-----\r‹b64›\r-----END CERTIFICATE-----\r"),
    ("build.log", "\x1b[32mDB_PASSWORD\x1b[0m=\x1b[1;33m«p14»\x1b[0m\n\x1b[31merror\x1b[0m: no such user\n"),
    (
        "jenkins/credentials.xml",
        "<com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl>\n<username>ci</username>\n\
         <password>{AQAAABAAAAA‹b53›=}</password>\n</com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl>\n",
    ),
];

#[test]
fn credentials_in_their_files_are_found_line_by_line() {
    let all: Vec<_> = FILES.iter().flat_map(|(path, template)| problems(path, template)).collect();
    assert!(all.is_empty(), "{} problems:\n{}", all.len(), all.join("\n"));
    assert_eq!(problems("a.txt", "nothing «p12» here\n").len(), 1, "what is missing is seen");
    assert_eq!(
        problems(".netrc", "machine a.io login b password ‹p12›\n").len(),
        1,
        "what is too much is seen"
    );
    assert!(FILES.iter().map(|(_, template)| template.matches('«').count()).sum::<usize>() > 60);
}

#[test]
fn findings_say_what_a_credential_opens() {
    let asset = |host: &str, user: &str, database: &str| {
        let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Some(Asset { host: named(host), user: named(user), database: named(database) })
    };
    for (path, template, expected) in [
        (".netrc", "machine git.acme.io login ci password «p12»", asset("git.acme.io", "ci", "")),
        (".pgpass", "db.acme.io:5432:shop:app:«p12»", asset("db.acme.io", "app", "shop")),
        (
            "a.env",
            "URL=postgres://app:«p12»@db.acme.io:5432/shop?ssl=1",
            asset("db.acme.io:5432", "app", "shop"),
        ),
        ("a.env", "URL=mongodb+srv://app:«p12»@c0.acme.net/shop", asset("c0.acme.net", "app", "shop")),
        ("a.env", "URL=redis://:«p12»@cache.acme.io:6379/0", asset("cache.acme.io:6379", "", "0")),
        ("a.env", "URL=https://bot:«p12»@git.acme.io/a.git", asset("git.acme.io", "bot", "")),
        (
            "config.json",
            r#"{"auths":{"registry.acme.io":{"auth":"«s12»"}}}"#,
            asset("registry.acme.io", "deployer", ""),
        ),
        (
            "recentservers.xml",
            "<Server><Host>ftp.acme.io</Host><User>shop</User>\n<Pass>«p12»</Pass></Server><Server><Host>b</Host></Server>",
            asset("ftp.acme.io", "shop", ""),
        ),
        (
            "web.config",
            "<add connectionString=\"Server=sql.acme.io;Database=shop;User Id=app;Password=«p12»\" />",
            asset("sql.acme.io", "app", "shop"),
        ),
        ("a.sh", "curl -u ci:«p12» https://up.acme.io/x", asset("up.acme.io", "ci", "")),
        (
            "a.sh",
            "curl -H 'Authorization: Basic «s12»' https://up.acme.io/x",
            asset("up.acme.io", "deployer", ""),
        ),
        (
            "wp-config.php",
            "define('DB_NAME', 'wp');\ndefine('DB_USER', 'rw');\ndefine('DB_PASSWORD', '«p12»');\ndefine('DB_HOST', 'db');",
            asset("db", "rw", "wp"),
        ),
        (
            ".my.cnf",
            "[client]\nuser=shop\npassword=«p12»\nhost=db.acme.io\n[other]\nhost=no",
            asset("db.acme.io", "shop", ""),
        ),
    ] {
        let (text, _) = fill(template);
        let findings = scan(&SHIPPED, path, text.as_bytes());
        assert_eq!(findings.len(), 1, "{path}: {text}");
        assert_eq!(findings[0].asset, expected, "{path}: {text}");
    }
}

#[test]
fn a_value_that_is_spelled_differently_is_the_same_secret() {
    let secret = "vR7-kLm2.qTz9";
    let print = |path: &str, text: &str| scan(&SHIPPED, path, text.as_bytes())[0].fingerprint;
    let base64 = STANDARD.encode(secret);
    let server = |pass: &str| format!("<Server><Host>ftp.acme.io</Host><User>shop</User>{pass}</Server>");
    let plain = server(&format!("<Pass>{secret}</Pass>"));
    let encoded = server(&format!("<Pass encoding=\"base64\">{base64}</Pass>"));
    assert_eq!(print("filezilla.xml", &plain), print("filezilla.xml", &encoded));
    let manifest = |section: &str, value: &str| format!("kind: Secret\n{section}:\n  db-password: {value}\n");
    assert_eq!(
        print("a.yaml", &manifest("data", &base64)),
        print("a.yaml", &manifest("stringData", &format!("\"{secret}\"")))
    );
    let other = manifest("stringData", "\"wR7-kLm2.qTz9\"");
    assert_ne!(print("a.yaml", &manifest("data", &base64)), print("a.yaml", &other));
}

#[test]
fn type_7_is_read_as_texts_about_it_say() {
    // `cisco`, as many texts print it; and digits that say nothing printable.
    let found = |digits: &str| {
        let line = format!("username ops password 7 {digits}\n");
        scan(&SHIPPED, "r1.cfg", line.as_bytes())
            .iter()
            .map(|finding| value(&line, finding))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("02050D480809"), ["02050D480809"]);
    assert_eq!(found("02FF0D4808FF").len() + found("99050D480809").len() + found("02050D48080").len(), 0);
}

#[test]
fn manifests_without_end_are_read_once() {
    for storm in
        ["data:\n  a: b\nkind: Secret\n", "kind: Secret\n  kind: Secret\n", "\"kind\":\"Secret\",\"data\":{"]
    {
        let text = storm.repeat(120_000 / storm.len());
        assert_eq!(scan(&SHIPPED, "a.yaml", text.as_bytes()), [], "{storm}");
    }
}

#[test]
fn wide_files_are_read() {
    let line = "db.acme.io:5432:shop:app:«p12»\n";
    let (text, secrets) = fill(line);
    let units = format!("\u{feff}{text}");
    let bytes: Vec<u8> = units.chars().flat_map(|unit| u32::from(unit).to_le_bytes()).collect();
    let findings = scan(&SHIPPED, ".pgpass", &bytes);
    assert_eq!(findings.len(), 1);
    let span = findings[0].location.bytes;
    let found: String =
        bytes[span.start..span.end].iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
    assert_eq!(found, secrets[0].1);
}
