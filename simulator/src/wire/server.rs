//! The HTTP server: [`answer`] behind a socket, for any AWS tool.
//!
//! HTTP/1.1 without TLS, for the machine it runs on. Whoever can connect can also stall, send
//! garbage or send too much, so every wait has an end and every size a limit. What is deliberately
//! absent: any waiting on behalf of the twin, whose time is virtual.

use std::fmt;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep};

use super::answer::{Answer, answer, refuse};
use super::form::MAX_BODY_BYTES;
use super::record::{Record, RequestIds};
use super::service::Service;
use crate::error::ApiError;

/// The largest head of a request, in bytes: a GET carries its parameters there.
const MAX_HEAD_BYTES: usize = 256 * 1024;
/// How much of a body that is too large is read and dropped, so that the client, which is still
/// writing, gets to see the refusal and not a broken connection.
const MAX_DRAIN_BYTES: usize = 16 * MAX_BODY_BYTES;
/// The wait after a failed accept: there may be no file handle left, until a connection ends.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// After this many failures in a row the listener is not coming back.
const MAX_ACCEPT_FAILURES: u32 = 100;

/// Takes the line of each answered request.
pub type Log = Arc<dyn Fn(&Record) + Send + Sync>;

/// The limits of a server, and where its log goes.
#[derive(Clone)]
pub struct ServeOptions {
    /// How many connections are served at once; more wait in the queue of the listener.
    pub max_connections: usize,
    /// How long a client may take for the head of a request, and how long a connection may idle.
    pub header_timeout: Duration,
    /// How long a client may take for the body of a request.
    pub body_timeout: Duration,
    /// How long a client may refuse to take any byte of a response.
    pub write_timeout: Duration,
    /// How long requests that are under way may take after the signal to stop.
    pub grace: Duration,
    /// Where the access log goes.
    pub log: Option<Log>,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            max_connections: 256,
            header_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            grace: Duration::from_secs(5),
            log: None,
        }
    }
}

impl fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeOptions")
            .field("max_connections", &self.max_connections)
            .field("header_timeout", &self.header_timeout)
            .field("body_timeout", &self.body_timeout)
            .field("write_timeout", &self.write_timeout)
            .field("grace", &self.grace)
            .field("log", &self.log.is_some())
            .finish()
    }
}

/// Serves until `shutdown` completes, then lets the requests that are under way finish.
///
/// To keep a hand on the service, pass a boxed `Arc<Mutex<_>>` of it. A panic inside the service
/// answers 500, as do all later calls until `POST /_sandtable/reset`.
///
/// # Errors
///
/// When the listener fails and does not recover.
pub async fn serve(
    listener: TcpListener,
    service: Box<dyn Service>,
    options: ServeOptions,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let slots = Arc::new(Semaphore::new(
        options.max_connections.clamp(1, Semaphore::MAX_PERMITS),
    ));
    let front = Arc::new(Front {
        service: Arc::new(Mutex::new(service)),
        ids: RequestIds::default(),
        options,
    });
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    let mut failures = 0;
    let result = loop {
        while connections.try_join_next().is_some() {}
        let accept = async {
            // A slot first, so that a full server leaves clients in the queue of the listener.
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, stream) = tokio::select! {
            () = &mut shutdown => break Ok(()),
            (slot, accepted) = accept => match accepted {
                Ok((stream, _)) => (slot, stream),
                Err(error) if failures == MAX_ACCEPT_FAILURES => break Err(error),
                Err(_) => {
                    failures += 1;
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        failures = 0;
        // Without this, small responses may wait for an acknowledgement. Slower is still right.
        let _ = stream.set_nodelay(true);
        let connection = graceful.watch(front.connection(stream));
        connections.spawn(async move {
            let _slot = slot;
            // How a connection ends is the client's business; requests have their own log line.
            let _ = connection.await;
        });
    };
    drop(listener);
    // Connections that outlast the grace are cut when the set is dropped.
    let _ = tokio::time::timeout(front.options.grace, graceful.shutdown()).await;
    result
}

/// What all connections share.
struct Front {
    service: Arc<Mutex<Box<dyn Service>>>,
    ids: RequestIds,
    options: ServeOptions,
}

/// The service wants no answer, so the connection breaks.
#[derive(Debug, thiserror::Error)]
#[error("the connection ends without a response")]
struct NoAnswer;

impl Front {
    fn connection(
        self: &Arc<Self>,
        stream: TcpStream,
    ) -> http1::Connection<
        TokioIo<Patience>,
        impl hyper::service::Service<
            Request<Incoming>,
            Response = Response<Full<Bytes>>,
            Error = NoAnswer,
            Future: Send,
        > + use<>,
    > {
        let front = Arc::clone(self);
        let handler = service_fn(move |request: Request<Incoming>| {
            let front = Arc::clone(&front);
            async move { front.handle(request).await }
        });
        let stream = Patience {
            stream,
            limit: self.options.write_timeout,
            stalled: None,
        };
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.options.header_timeout)
            .max_buf_size(MAX_HEAD_BYTES)
            // Who has said everything may close that side and wait for the answer.
            .half_close(true)
            .auto_date_header(false)
            .serve_connection(TokioIo::new(stream), handler)
    }

    async fn handle(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, NoAnswer> {
        let (head, body) = request.into_parts();
        let body = match tokio::time::timeout(self.options.body_timeout, read(body)).await {
            Ok(Some(body)) => body,
            // The client is gone or broke the framing; nobody is there to answer.
            Ok(None) => return Err(NoAnswer),
            Err(_) => Err(ApiError::new(
                "RequestTimeout",
                "The request took too long to arrive.",
            )),
        };
        let is_refused = body.is_err();
        let begun = Instant::now();
        let Answer {
            response,
            mut record,
        } = match body {
            Ok(body) => self.answer(&Request::from_parts(head, body)),
            Err(error) => self.refuse(&Request::from_parts(head, ()), error),
        };
        if let Some(log) = &self.options.log {
            record.took_micros = u64::try_from(begun.elapsed().as_micros()).ok();
            log(&record);
        }
        let mut response = response
            .ok_or(NoAnswer)?
            .map(|body| Full::new(Bytes::from(body)));
        if is_refused {
            response
                .headers_mut()
                .insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }

    fn answer(&self, request: &Request<Vec<u8>>) -> Answer {
        let mut service = Arc::clone(&self.service);
        let answered = catch_unwind(AssertUnwindSafe(|| {
            answer(&mut service, &self.ids, request)
        }));
        answered.unwrap_or_else(|_| {
            let mut head = Request::new(());
            request.headers().clone_into(head.headers_mut());
            let error = ApiError::new("InternalError", "The twin failed. This is a bug in it.");
            self.refuse(&head, error)
        })
    }

    fn refuse(&self, head: &Request<()>, error: ApiError) -> Answer {
        refuse(&mut Arc::clone(&self.service), &self.ids, head, error)
    }
}

/// Reads a body to its end. `None` when the connection breaks first.
async fn read<B>(body: B) -> Option<Result<Vec<u8>, ApiError>>
where
    B: Body<Data = Bytes>,
{
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if length <= MAX_BODY_BYTES {
            bytes.extend_from_slice(&data);
        } else if length > MAX_DRAIN_BYTES {
            break;
        }
    }
    Some(if length > MAX_BODY_BYTES {
        Err(super::form::too_large())
    } else {
        Ok(bytes)
    })
}

/// A stream that gives up when the other side takes nothing for too long.
///
/// Reading has its limits in the server. Writing has none there, and a client that asks for much
/// and reads nothing would hold its connection for ever.
struct Patience {
    stream: TcpStream,
    limit: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        poll: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.stalled = None;
            return poll;
        }
        let limit = self.limit;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        stalled
            .as_mut()
            .poll(context)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patience {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Patience {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.watch(context, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_flush(context);
        self.watch(context, poll)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
