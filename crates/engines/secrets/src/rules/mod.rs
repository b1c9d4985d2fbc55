//! Rules that need more than a regex: one file per rule, named like the rule's Markdown file.

mod ansible_password;
mod asset;
mod basic_auth_call;
mod basic_auth_header;
mod bearer_token;
mod composer_auth;
mod connection_string;
mod connection_uri;
mod credential;
mod database_call_password;
mod database_dump_hash;
mod directory_password_hash;
mod django_secret_key;
mod docker_config_auth;
mod filezilla_password;
mod forms;
mod game_server_password;
mod generic_assignment;
mod github_hosts_token;
mod gradle_signing_password;
mod ide_server_password;
mod installer_password;
mod ipsec_secret;
mod jwk_private_key;
mod kubeconfig_credential;
mod kubernetes_secret;
mod ldap_password;
mod login_call_password;
mod mail_client_password;
mod maven_server_password;
mod mongo_client_password;
mod mysql_options_password;
mod netrc_password;
mod network_device_password;
mod npmrc_auth;
mod nuget_password;
mod openvpn_user_pass;
mod password_file_hash;
mod pgpass_password;
mod powershell_secure_string;
mod private_key;
mod property_list_password;
mod putty_private_key;
mod pypirc_password;
mod rclone_password;
mod redis_config_password;
mod s3_secret_key;
mod server_config_password;
mod sftp_config_password;
mod shell_command_password;
mod sql_password;
mod svn_stored_password;
mod wifi_passphrase;
mod windows_setup_password;
mod winscp_password;
mod wordpress_config;
mod xml_account_password;

use palisade_model::Span;

use crate::candidate::Hit;

/// What the function of a rule may look at: the bytes around the window that it is asked about.
pub(crate) struct Scene<'a> {
    text: &'a [u8],
}

impl<'a> Scene<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text }
    }

    /// The bytes of `span`, cut to the text.
    fn get(&self, span: Span) -> &'a [u8] {
        let end = span.end.min(self.text.len());
        self.text.get(span.start.min(end)..end).unwrap_or_default()
    }
}

/// The function of a rule: the secrets in a window.
pub(crate) type Function = fn(&Scene<'_>, Span) -> Vec<Hit>;

/// The function for the rule `id`.
pub(crate) fn function(id: &str) -> Option<Function> {
    match id {
        "ansible-password" => Some(ansible_password::find),
        "basic-auth-call" => Some(basic_auth_call::find),
        "basic-auth-header" => Some(basic_auth_header::find),
        "bearer-token" => Some(bearer_token::find),
        "composer-auth" => Some(composer_auth::find),
        "connection-string" => Some(connection_string::find),
        "connection-uri" => Some(connection_uri::find),
        "database-call-password" => Some(database_call_password::find),
        "database-dump-hash" => Some(database_dump_hash::find),
        "directory-password-hash" => Some(directory_password_hash::find),
        "django-secret-key" => Some(django_secret_key::find),
        "docker-config-auth" => Some(docker_config_auth::find),
        "filezilla-password" => Some(filezilla_password::find),
        "game-server-password" => Some(game_server_password::find),
        "generic-assignment" => Some(generic_assignment::find),
        "github-hosts-token" => Some(github_hosts_token::find),
        "gradle-signing-password" => Some(gradle_signing_password::find),
        "ide-server-password" => Some(ide_server_password::find),
        "installer-password" => Some(installer_password::find),
        "ipsec-secret" => Some(ipsec_secret::find),
        "jwk-private-key" => Some(jwk_private_key::find),
        "kubeconfig-credential" => Some(kubeconfig_credential::find),
        "kubernetes-secret" => Some(kubernetes_secret::find),
        "ldap-password" => Some(ldap_password::find),
        "login-call-password" => Some(login_call_password::find),
        "mail-client-password" => Some(mail_client_password::find),
        "maven-server-password" => Some(maven_server_password::find),
        "mongo-client-password" => Some(mongo_client_password::find),
        "mysql-options-password" => Some(mysql_options_password::find),
        "netrc-password" => Some(netrc_password::find),
        "network-device-password" => Some(network_device_password::find),
        "npmrc-auth" => Some(npmrc_auth::find),
        "nuget-password" => Some(nuget_password::find),
        "openvpn-user-pass" => Some(openvpn_user_pass::find),
        "password-file-hash" => Some(password_file_hash::find),
        "pgpass-password" => Some(pgpass_password::find),
        "powershell-secure-string" => Some(powershell_secure_string::find),
        "private-key" => Some(private_key::find),
        "property-list-password" => Some(property_list_password::find),
        "putty-private-key" => Some(putty_private_key::find),
        "pypirc-password" => Some(pypirc_password::find),
        "rclone-password" => Some(rclone_password::find),
        "redis-config-password" => Some(redis_config_password::find),
        "s3-secret-key" => Some(s3_secret_key::find),
        "server-config-password" => Some(server_config_password::find),
        "sftp-config-password" => Some(sftp_config_password::find),
        "shell-command-password" => Some(shell_command_password::find),
        "sql-password" => Some(sql_password::find),
        "svn-stored-password" => Some(svn_stored_password::find),
        "wifi-passphrase" => Some(wifi_passphrase::find),
        "windows-setup-password" => Some(windows_setup_password::find),
        "winscp-password" => Some(winscp_password::find),
        "wordpress-config" => Some(wordpress_config::find),
        "xml-account-password" => Some(xml_account_password::find),
        _ => None,
    }
}
