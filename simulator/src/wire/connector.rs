//! The twin under the real AWS SDK: an HTTP client that never opens a socket.
//!
//! Give it to the configuration of an SDK client as `http_client`. Each request is answered on the
//! spot by the same [`answer`] as over HTTP; nothing waits, since the twin's time is virtual.

use std::fmt;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use super::answer::{Answer, answer};
use super::record::RequestIds;
use super::server::Log;
use super::service::Service;
use crate::error::ApiError;

/// The in-process HTTP client of a twin. Clones share the twin and its request ids.
#[derive(Clone)]
pub struct TwinClient {
    service: Arc<Mutex<dyn Service>>,
    ids: Arc<RequestIds>,
    log: Option<Log>,
}

impl TwinClient {
    /// A client in front of a shared service.
    pub fn new(service: Arc<Mutex<dyn Service>>) -> Self {
        Self {
            service,
            ids: Arc::default(),
            log: None,
        }
    }

    /// Sends the line of each answered request to `log`.
    #[must_use]
    pub fn with_log(mut self, log: Log) -> Self {
        self.log = Some(log);
        self
    }

    fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request
            .try_into_http1x()
            .map_err(|error| ConnectorError::user(error.into()))?;
        let (head, body) = request.into_parts();
        // No EC2 operation streams its input, so the body is always in memory.
        let body = body
            .bytes()
            .ok_or_else(|| ConnectorError::user("the twin does not take streams".into()))?;
        let request = http::Request::from_parts(head, body);
        let mut service = Arc::clone(&self.service);
        let Answer { response, record } = answer(&mut service, &self.ids, &request);
        if let Some(log) = &self.log {
            log(&record);
        }
        let response = response
            .ok_or_else(|| ConnectorError::timeout(Box::new(ApiError::no_answer())))?
            .map(SdkBody::from);
        HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
    }
}

impl fmt::Debug for TwinClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwinClient")
            .field("given", &self.ids.given())
            .finish_non_exhaustive()
    }
}

impl HttpConnector for TwinClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.exchange(request))
    }
}

impl HttpClient for TwinClient {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
