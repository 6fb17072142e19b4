//! Workload identity federation: a token of another provider (a Kubernetes cluster, GitHub Actions, Azure) is exchanged for Google's.
//!
//! Source: <https://google.aip.dev/auth/4117>, <https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token>

use std::collections::BTreeMap;
use std::path::PathBuf;

use async_trait::async_trait;
use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use super::cache::{Flow, Token};
use super::exchange::{Exchange, shown, source_address, token_address};
use crate::warehouse::WarehouseError;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const PROVIDER: &str = "the provider of subject tokens";

/// The file of type `external_account`.
#[derive(Deserialize)]
pub(super) struct FederationFile {
    audience: String,
    subject_token_type: String,
    token_url: String,
    pub(super) service_account_impersonation_url: Option<String>,
    credential_source: SourceFile,
    client_id: Option<String>,
    client_secret: Option<String>,
}

#[derive(Deserialize)]
struct SourceFile {
    file: Option<PathBuf>,
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    format: Option<FormatFile>,
    environment_id: Option<String>,
    executable: Option<Value>,
}

#[derive(Deserialize)]
struct FormatFile {
    #[serde(rename = "type")]
    kind: String,
    subject_token_field_name: Option<String>,
}

/// Where the other provider's token is. It is read anew each time, since it is short-lived.
enum Source {
    File(PathBuf),
    Url(Url, BTreeMap<String, String>),
}

pub(super) struct Federation {
    audience: String,
    subject_token_type: String,
    url: Url,
    source: Source,
    /// The field of the token, where the source is JSON.
    field: Option<String>,
    client: Option<(String, SecretString)>,
    exchange: Exchange,
}

impl Federation {
    pub(super) fn new(file: FederationFile, exchange: Exchange) -> Result<Self, String> {
        let FederationFile { audience, subject_token_type, token_url, credential_source, client_id, client_secret, .. } = file;
        let source = match credential_source {
            SourceFile { environment_id: Some(environment), .. } => {
                return Err(format!("a credential_source of the environment {environment:?} is not supported; use a file or a url"));
            }
            SourceFile { executable: Some(_), .. } => {
                return Err("a credential_source that runs a program is not supported; use a file or a url".to_owned());
            }
            SourceFile { file: Some(path), url: None, .. } => Source::File(path),
            SourceFile { url: Some(ref url), file: None, ref headers, .. } => Source::Url(source_address(url)?, headers.clone()),
            _ => return Err("a credential_source names one file or one url".to_owned()),
        };
        let field = match credential_source.format {
            None => None,
            Some(format) if format.kind == "text" => None,
            Some(FormatFile { kind, subject_token_field_name: Some(field) }) if kind == "json" => Some(field),
            Some(_) => return Err("the format of a credential_source is text, or json with its subject_token_field_name".to_owned()),
        };
        let client = client_id.zip(client_secret.map(SecretString::from));
        Ok(Self { audience, subject_token_type, url: token_address(&token_url)?, source, field, client, exchange })
    }

    async fn subject_token(&self) -> Result<SecretString, WarehouseError> {
        let refused = |message: String| WarehouseError::Authentication { message };
        let text = match &self.source {
            Source::File(path) => tokio::fs::read_to_string(path).await.map_err(|error| refused(format!("{}: {error}", path.display())))?,
            Source::Url(url, headers) => {
                let request = self.exchange.client(url).get(url.clone());
                let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
                let secrets: Vec<&str> = headers.values().map(String::as_str).collect();
                self.exchange.send(PROVIDER, request, &secrets).await?.1
            }
        };
        let token = match &self.field {
            None => text.trim().to_owned(),
            Some(field) => {
                let json: Value = serde_json::from_str(&text).unwrap_or_default();
                json[field].as_str().map(str::to_owned).ok_or_else(|| refused(format!("the subject token's JSON has no text {field:?}")))?
            }
        };
        if token.is_empty() {
            return Err(refused("the subject token is empty".to_owned()));
        }
        Ok(SecretString::from(token))
    }
}

#[async_trait]
impl Flow for Federation {
    async fn fetch(&self, scope: &str) -> Result<Token, WarehouseError> {
        let subject = self.subject_token().await?;
        let form = [
            ("grant_type", GRANT),
            ("audience", &self.audience),
            ("scope", scope),
            ("requested_token_type", ACCESS_TOKEN),
            ("subject_token", shown(&subject)),
            ("subject_token_type", &self.subject_token_type),
        ];
        let what = "the security token service";
        match &self.client {
            None => self.exchange.token(what, &self.url, &form, &[shown(&subject)]).await,
            Some((id, secret)) => {
                let request = self.exchange.client(&self.url).post(self.url.clone()).basic_auth(id, Some(shown(secret))).form(&form);
                let (_, text) = self.exchange.send(what, request, &[shown(&subject), shown(secret)]).await?;
                super::exchange::oauth_token(what, &text)
            }
        }
    }
}
