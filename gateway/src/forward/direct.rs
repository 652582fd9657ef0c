//! The direct way to an upstream, which nearly every request takes: a GET without a body to an upstream that
//! speaks HTTP/1.1 in the clear. Its head goes up in one write, what comes back goes down as it comes.
//!
//! Pingora's own way is made for two streams at once, bodies, caches and upgrades, and costs more than all
//! that the gateway itself does. All other requests take it. Both decide the same way, tell the upstream the
//! same and treat its answer the same. docs/decisions/0016-direct-way.md has the measurements.

use std::sync::Arc;

use futures_util::FutureExt;
use http::Version;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use pingora::http::ResponseHeader;
use pingora::protocols::http::HttpTask;
use pingora::protocols::http::v1::client::HttpSession;
use pingora::proxy::Session;
use pingora::{Error, ErrorType, OrErr, Result};
use tokio::io::AsyncWriteExt;

use super::plain;
use crate::context::{Passage, RequestCtx, Stage, Target};
use crate::proxy::Gateway;
use crate::upstreams::Endpoint;

/// Whether a permitted request takes the direct way.
pub(crate) fn is_direct(session: &mut Session, passage: &Passage) -> bool {
    match &passage.target {
        Target::Portal { pool, .. } => {
            pool.is_plain()
                && plain::is_plain(session.req_header())
                // Over HTTP/2 a body needs no field that tells of it.
                && (session.req_header().version != Version::HTTP_2
                    || session.as_downstream_mut().is_body_empty())
        }
        Target::SignIn { .. } => false,
    }
}

/// An upstream that has been sent the request.
struct Asked {
    upstream: HttpSession,
    endpoint: Arc<Endpoint>,
    /// The connection has served another request before.
    reused: bool,
}

impl Gateway {
    /// Has a request answered by its upstream. What comes of the answer is passed on as it comes; what is
    /// there at once goes down together.
    ///
    /// # Errors
    /// As pingora says them of its own way: the upstream's, the client's, ours.
    pub(crate) async fn go_direct(
        &self,
        session: &mut Session,
        ctx: &mut RequestCtx,
    ) -> Result<()> {
        let head = self.plain_head(session, ctx)?;
        let mut which = Connection::Waiting;
        'asked: loop {
            let mut asked = self.send(ctx, &head, which).await?;
            let mut begun = false;
            loop {
                let task = match next_task(session, &mut asked.upstream).await {
                    Err(error) if !begun && asked.closed_while_waiting(&error) => {
                        which = Connection::New;
                        continue 'asked;
                    }
                    task => task?,
                };
                begun = true;
                if self.pass_on(session, ctx, &mut asked.upstream, task).await? {
                    asked.done().await;
                    return Ok(());
                }
            }
        }
    }

    fn plain_head(&self, session: &Session, ctx: &RequestCtx) -> Result<Vec<u8>> {
        let Stage::Permitted(passage) = &ctx.stage else {
            return Error::e_explain(ErrorType::InternalError, "no permit");
        };
        let Target::Portal { portal, .. } = &passage.target else {
            return Error::e_explain(ErrorType::InternalError, "no portal");
        };
        let identity = super::identity_of(&self.hub, ctx, passage, portal)?;
        plain::head(ctx, passage, session.req_header(), identity.as_deref())
    }

    /// Sends the head to an upstream that can be reached.
    async fn send(&self, ctx: &mut RequestCtx, head: &[u8], which: Connection) -> Result<Asked> {
        loop {
            let endpoint = super::choose(ctx)?;
            let (mut stream, reused) = match self.connect(ctx, &endpoint, which).await {
                Ok(connected) => connected,
                Err(error) => {
                    let error = super::unreachable(ctx, error.into_up());
                    if error.retry() {
                        continue;
                    }
                    return Err(error);
                }
            };
            let sent = async {
                stream.write_all(head).await?;
                stream.flush().await
            };
            match sent.await {
                // Nobody has read it: closed while it waited.
                Err(_) if reused => continue,
                sent => sent.or_err(ErrorType::WriteError, "the head").map_err(|e| e.into_up())?,
            }
            let mut upstream = HttpSession::new(stream);
            upstream.read_timeout = ctx.passage().and_then(|passage| passage.read_timeout());
            return Ok(Asked { upstream, endpoint, reused });
        }
    }

    async fn connect(
        &self,
        ctx: &mut RequestCtx,
        endpoint: &Endpoint,
        which: Connection,
    ) -> Result<(pingora::protocols::Stream, bool)> {
        if let Connection::Waiting = which
            && let Some(stream) = endpoint.idle.take()
        {
            return Ok((stream, true));
        }
        let Some(Target::Portal { limits, .. }) = ctx.passage().map(|passage| &passage.target)
        else {
            return Error::e_explain(ErrorType::InternalError, "no portal");
        };
        let peer = endpoint.peer(limits, false);
        // Boxed: seldom needed, and large.
        Ok((Box::pin(self.connector.new_stream(&*peer)).await?, false))
    }

    /// Passes on a piece of the answer with what has come after it. Whether that was the end.
    async fn pass_on(
        &self,
        session: &mut Session,
        ctx: &mut RequestCtx,
        upstream: &mut HttpSession,
        first: HttpTask,
    ) -> Result<bool> {
        let mut ended = first.is_end();
        let mut bytes = body_bytes(&first);
        let mut broken = None;
        let mut tasks = Vec::with_capacity(AT_ONCE);
        tasks.push(first);
        while !ended && tasks.len() < AT_ONCE && bytes < ENOUGH_BYTES {
            match task_at_once(upstream) {
                Some(Ok(task)) => {
                    ended = task.is_end();
                    bytes += body_bytes(&task);
                    tasks.push(task);
                }
                Some(Err(error)) => {
                    broken = Some(error.into_up());
                    break;
                }
                None => break,
            }
        }
        for task in &mut tasks {
            if let HttpTask::Header(header, end) = task {
                frame(header, *end)?;
                super::answer_head(ctx, header).await?;
            }
        }
        // Several are copied into one buffer, which stays with the request: not with a large one among them.
        let large = tasks.pop_if(|last| body_bytes(last) >= ENOUGH_BYTES);
        let downstream = session.as_downstream_mut();
        let mut written = false;
        if !tasks.is_empty() {
            written = downstream.response_duplex_vec(tasks).await?;
        }
        if let Some(large) = large {
            written = downstream.response_duplex_vec(vec![large]).await?;
        }
        broken.map_or(Ok(written || ended), Err)
    }
}

impl Asked {
    /// Whether the upstream closed the connection just as it was used again, so that it may be asked once
    /// more on a new one.
    fn closed_while_waiting(&self, error: &Error) -> bool {
        let mut retry = error.retry;
        retry.decide_reuse(self.reused);
        retry.retry()
    }

    /// The answer is read: the connection waits for another request, if the upstream lets it.
    async fn done(self) {
        let Self { mut upstream, endpoint, .. } = self;
        upstream.respect_keepalive();
        if let Some(stream) = upstream.reuse().await {
            endpoint.idle.keep(stream);
        }
    }
}

/// Which connection a request is sent on.
#[derive(Debug, Clone, Copy)]
enum Connection {
    /// One that waits, if there is one.
    Waiting,
    /// A new one.
    New,
}

/// What comes next of the answer, unless the client leaves first.
async fn next_task(session: &mut Session, upstream: &mut HttpSession) -> Result<HttpTask> {
    tokio::select! {
        biased;
        task = upstream.read_response_task() => task.map_err(|error| error.into_up()),
        gone = session.as_downstream_mut().read_body_or_idle(true) => Err(match gone {
            Err(error) => error.into_down(),
            Ok(_) => Error::explain(ErrorType::ReadError, "a body where none belongs").into_down(),
        }),
    }
}

fn body_bytes(task: &HttpTask) -> usize {
    match task {
        HttpTask::Body(Some(bytes), _) => bytes.len(),
        _ => 0,
    }
}

/// What has come already.
fn task_at_once(upstream: &mut HttpSession) -> Option<Result<HttpTask>> {
    // Without a timer, which would be set up for nothing.
    let timeout = upstream.read_timeout.take();
    let task = tokio::task::unconstrained(upstream.read_response_task()).now_or_never();
    upstream.read_timeout = timeout;
    task
}

/// Refuses an upgrade that nobody asked for; gives an answer without a length one that the client's
/// connection survives. RFC 9112 section 6.
fn frame(header: &mut ResponseHeader, end: bool) -> Result<()> {
    if header.status == http::StatusCode::SWITCHING_PROTOCOLS {
        let error = Error::explain(ErrorType::InvalidHTTPHeader, "101 without an upgrade");
        return Err(error.into_up());
    }
    let headers = &header.headers;
    let bodiless = header.status.is_informational() || matches!(header.status.as_u16(), 204 | 304);
    let framed = headers.contains_key(TRANSFER_ENCODING) || headers.contains_key(CONTENT_LENGTH);
    if !end && !bodiless && !framed {
        header.set_version(Version::HTTP_11);
        header.insert_header(TRANSFER_ENCODING, "chunked")?;
    }
    Ok(())
}

/// Pieces of an answer that are written together.
const AT_ONCE: usize = 4;
/// With this much of a body, writing it is worth while; and a client that does not take it holds no more of it
/// here than the piece that went beyond.
const ENOUGH_BYTES: usize = 16 * 1024;
