//! A TCP stream with the time limits of its connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until};

use crate::api::http::activity::Activity;

/// Time limit until the client has received what the server buffered: a whole response, or one event of a stream.
const WRITE_TIME: Duration = Duration::from_secs(60);

pub(super) struct LimitedStream {
    stream: TcpStream,
    activity: Activity,
    read_alarm: Alarm,
    write_alarm: Alarm,
    /// Time limit of the bytes that the client has not received yet.
    write_by: Option<Instant>,
}

impl LimitedStream {
    pub(super) fn new(stream: TcpStream, activity: Activity) -> Self {
        Self {
            stream,
            activity,
            read_alarm: Alarm::default(),
            write_alarm: Alarm::default(),
            write_by: None,
        }
    }

    /// Limits the time of a write that the client delays.
    fn limited<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_pending() {
            self.activity.waits_for_client();
            let by = *self.write_by.get_or_insert_with(|| Instant::now() + WRITE_TIME);
            ready!(self.write_alarm.poll(context, by));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        written
    }
}

impl AsyncRead for LimitedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if read.is_ready() {
            this.activity.received();
        }
        // Checked after each read: a client that sends byte by byte gets no more time.
        match this.activity.deadline() {
            Some(deadline) if this.read_alarm.poll(context, deadline).is_ready() => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            _ => read,
        }
    }
}

impl AsyncWrite for LimitedStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.limited(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.limited(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // The server flushes once the buffer is empty.
        if this.write_by.take().is_some() {
            this.activity.has_read();
        }
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

/// A timer that is created when it is first needed.
#[derive(Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    fn poll(&mut self, context: &mut Context<'_>, at: Instant) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(at.into())));
        if sleep.deadline() != at.into() {
            sleep.as_mut().reset(at.into());
        }
        sleep.as_mut().poll(context)
    }
}
