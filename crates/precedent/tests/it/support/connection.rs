//! Bare connections to a server, for requests that no client library sends.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::server::Server;

/// Timeout for an answer or the end of a connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection, and the time when it was opened.
pub(crate) struct Connection {
    stream: TcpStream,
    opened: Instant,
}

impl Connection {
    pub(crate) fn open(server: &Server) -> Self {
        let address = server.url.strip_prefix("http://").expect("an address");
        let stream = TcpStream::connect(address).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        stream.set_write_timeout(Some(PATIENCE)).expect("set");
        Self {
            stream,
            opened: Instant::now(),
        }
    }

    /// Opens a connection and sends bytes; the server may close it meanwhile.
    pub(crate) fn with(server: &Server, bytes: impl AsRef<[u8]>) -> Self {
        let mut connection = Self::open(server);
        drop(connection.stream.write_all(bytes.as_ref()));
        connection
    }

    /// Sends bytes; returns whether the connection took them.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Reads what the server sends until it closes the connection.
    pub(crate) fn rest(&mut self) -> String {
        let (mut read, mut chunk) = (Vec::new(), [0; 4_096]);
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => break,
                Ok(bytes) => read.extend_from_slice(&chunk[..bytes]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
                Err(error) => panic!("the connection stays open: {error}"),
            }
        }
        String::from_utf8_lossy(&read).into_owned()
    }

    /// Reads the next bytes that the server sends.
    pub(crate) fn next(&mut self) -> String {
        let mut chunk = [0; 4_096];
        let bytes = self.stream.read(&mut chunk).expect("an answer");
        String::from_utf8_lossy(&chunk[..bytes]).into_owned()
    }

    /// Sends a byte each second until the server closes the connection; returns its answer and the time that it took.
    pub(crate) fn trickle(mut self) -> (String, Duration) {
        self.stream
            .set_read_timeout(Some(Duration::from_secs(1)))
            .expect("set");
        let (mut answer, mut chunk) = (String::new(), [0; 4_096]);
        while self.opened.elapsed() < PATIENCE {
            match self.stream.read(&mut chunk) {
                Ok(0) => break,
                Ok(bytes) => answer += &String::from_utf8_lossy(&chunk[..bytes]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    drop(self.stream.write_all(b"x"));
                }
                Err(_) => break,
            }
        }
        (answer, self.opened.elapsed())
    }
}
