//! Which built-in rules stand for the rules of gitleaks' own default configuration, for files that extend it with `useDefault`.

use palisade_model::RuleId;

/// Names in gitleaks' default configuration (8.30) that are other names here. One that is missing here is the same, or has no
/// counterpart.
const OTHER_NAMES: &[(&str, &[&str])] = &[
    ("1password-secret-key", &["onepassword-secret-key"]),
    ("1password-service-account-token", &["onepassword-service-account-token"]),
    ("adafruit-api-key", &["adafruit-io-key"]),
    ("airtable-personnal-access-token", &["airtable-pat"]),
    ("alibaba-access-key-id", &["alibaba-access-key"]),
    ("alibaba-secret-key", &["alibaba-access-key"]),
    ("anthropic-admin-api-key", &["anthropic-admin-key"]),
    ("artifactory-api-key", &["jfrog-api-key"]),
    ("artifactory-reference-token", &["jfrog-reference-token"]),
    ("aws-access-token", &["aws-access-key-id", "aws-secret-access-key"]),
    ("azure-ad-client-secret", &["azure-entra-client-secret"]),
    ("clojars-api-token", &["clojars-deploy-token"]),
    ("cloudflare-api-key", &["cloudflare-api-token"]),
    ("contentful-delivery-api-token", &["contentful-pat"]),
    ("curl-auth-header", &["basic-auth-header"]),
    ("databricks-api-token", &["databricks-pat"]),
    ("digitalocean-access-token", &["digitalocean-oauth"]),
    ("digitalocean-refresh-token", &["digitalocean-refresh"]),
    ("discord-api-token", &["discord-bot-token"]),
    ("doppler-api-token", &["doppler-token", "doppler-service-token"]),
    ("dropbox-api-token", &["dropbox-access-token"]),
    ("dropbox-long-lived-api-token", &["dropbox-access-token"]),
    ("dropbox-short-lived-api-token", &["dropbox-access-token"]),
    ("duffel-api-token", &["duffel-access-token"]),
    ("dynatrace-api-token", &["dynatrace-token"]),
    ("easypost-api-token", &["easypost-api-key"]),
    ("easypost-test-api-token", &["easypost-api-key"]),
    ("flyio-access-token", &["flyio-macaroon-token", "flyio-personal-token"]),
    ("frameio-api-token", &["frameio-developer-token"]),
    ("generic-api-key", &["generic-assignment"]),
    ("github-app-token", &["github-app-installation-token", "github-app-user-token"]),
    ("github-oauth", &["github-oauth-token"]),
    ("github-refresh-token", &["github-app-refresh-token"]),
    ("gitlab-cicd-job-token", &["gitlab-job-token"]),
    ("gitlab-kubernetes-agent-token", &["gitlab-agent-token"]),
    ("gitlab-pat-routable", &["gitlab-pat"]),
    ("gitlab-ptt", &["gitlab-trigger-token"]),
    ("gitlab-rrt", &["gitlab-runner-token"]),
    ("gitlab-runner-authentication-token", &["gitlab-runner-token"]),
    ("gitlab-runner-authentication-token-routable", &["gitlab-runner-token"]),
    ("grafana-api-key", &["grafana-legacy-api-key"]),
    ("grafana-cloud-api-token", &["grafana-cloud-token"]),
    ("harness-api-key", &["harness-api-token"]),
    ("hashicorp-tf-api-token", &["hcp-terraform-token"]),
    ("heroku-api-key-v2", &["heroku-api-key"]),
    ("hubspot-api-key", &["hubspot-private-app-token"]),
    ("huggingface-access-token", &["huggingface-token"]),
    ("huggingface-organization-api-token", &["huggingface-token"]),
    ("infracost-api-token", &["infracost-api-key"]),
    ("jwt-base64", &["jwt"]),
    ("lob-api-key", &["lob-live-api-key"]),
    ("mailgun-private-api-token", &["mailgun-private-key"]),
    ("mapbox-api-token", &["mapbox-secret-token"]),
    ("microsoft-teams-webhook", &["microsoft-teams-webhook-url"]),
    ("netlify-access-token", &["netlify-personal-access-token"]),
    ("new-relic-insert-key", &["new-relic-insights-key"]),
    ("new-relic-user-api-key", &["new-relic-user-key"]),
    ("notion-api-token", &["notion-integration-token"]),
    ("octopus-deploy-api-key", &["octopus-api-key"]),
    ("okta-access-token", &["okta-api-token"]),
    ("openai-api-key", &["openai-legacy-key", "openai-project-key"]),
    ("openshift-user-token", &["openshift-access-token"]),
    ("plaid-api-token", &["plaid-access-token"]),
    ("planetscale-api-token", &["planetscale-token"]),
    ("planetscale-oauth-token", &["planetscale-token"]),
    ("postman-api-token", &["postman-api-key"]),
    ("prefect-api-token", &["prefect-api-key"]),
    ("pulumi-api-token", &["pulumi-access-token"]),
    ("pypi-upload-token", &["pypi-api-token"]),
    ("rubygems-api-token", &["rubygems-api-key"]),
    ("sendgrid-api-token", &["sendgrid-api-key"]),
    ("sendinblue-api-token", &["brevo-api-key"]),
    ("sentry-access-token", &["sentry-user-auth-token"]),
    ("sentry-org-token", &["sentry-org-auth-token"]),
    ("sentry-user-token", &["sentry-user-auth-token"]),
    ("shippo-api-token", &["shippo-live-token"]),
    ("shopify-custom-access-token", &["shopify-access-token"]),
    ("shopify-private-app-access-token", &["shopify-access-token"]),
    ("shopify-shared-secret", &["shopify-app-secret"]),
    ("slack-config-access-token", &["slack-config-token"]),
    ("slack-config-refresh-token", &["slack-config-token"]),
    ("slack-legacy-bot-token", &["slack-bot-token"]),
    ("slack-legacy-token", &["slack-user-token"]),
    ("sonar-api-token", &["sonarqube-token"]),
    ("stripe-access-token", &["stripe-live-secret-key", "stripe-restricted-key", "stripe-test-key"]),
    ("telegram-bot-api-token", &["telegram-bot-token"]),
    ("yandex-access-token", &["yandex-cloud-iam-token"]),
    ("yandex-api-key", &["yandex-cloud-api-key"]),
];

/// The names here of the rule that gitleaks' default configuration calls `name`; it is not checked that such a rule exists.
pub fn built_in_rules(name: &str) -> Vec<RuleId> {
    let other = OTHER_NAMES.iter().find(|(theirs, _)| *theirs == name);
    let ours = other.map_or(&[][..], |(_, ours)| *ours).iter().copied().chain([name]);
    ours.filter_map(RuleId::new).collect()
}

/// Whether `name` is one of gitleaks' default rules that has another name here.
pub fn is_known_default(name: &str) -> bool {
    OTHER_NAMES.iter().any(|(theirs, _)| *theirs == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_here_is_that_of_a_rule() {
        for (theirs, ours) in OTHER_NAMES {
            for name in *ours {
                let there = palisade_rules::secrets().any(|(file, _)| file.trim_end_matches(".md") == *name);
                assert!(there, "{theirs} -> {name}");
            }
        }
    }
}
