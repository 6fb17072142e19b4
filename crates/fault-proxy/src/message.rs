//! Requests and responses as they stand on the wire.

use std::io;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Headers that the proxy writes itself, or that would keep it from reading an answer.
const DROPPED: [&str; 6] = ["connection", "content-length", "transfer-encoding", "accept-encoding", "keep-alive", "expect"];

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// With its query string.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) async fn read(stream: &mut TcpStream) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let body_at = loop {
            if let Some(at) = find(&bytes, b"\r\n\r\n") {
                break at + 4;
            }
            more(stream, &mut bytes).await?;
        };
        let head = String::from_utf8_lossy(&bytes[..body_at]).into_owned();
        let (line, headers) = parse_head(&head);
        let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, n)| n.parse().ok()).unwrap_or(0);
        while bytes.len() < body_at + length {
            more(stream, &mut bytes).await?;
        }
        let mut line = line.split(' ').map(str::to_owned);
        let (method, path) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
        Ok(Self { method, path, headers, body: bytes.split_off(body_at) })
    }

    /// Sends the request to a server and reads its whole answer.
    pub(crate) async fn forward(&self, server: &str) -> io::Result<Response> {
        let mut stream = TcpStream::connect(server).await?;
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in self.headers.iter().filter(|(name, _)| !DROPPED.contains(&name.as_str())) {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("content-length: {}\r\nconnection: close\r\n\r\n", self.body.len());
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&self.body).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        Response::parse(&bytes)
    }
}

/// An answer, its body without any transfer encoding.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    fn parse(bytes: &[u8]) -> io::Result<Self> {
        let body_at = find(bytes, b"\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)? + 4;
        let head = String::from_utf8_lossy(&bytes[..body_at]).into_owned();
        let (line, headers) = parse_head(&head);
        let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value.contains("chunked"));
        let body = if chunked { unchunked(&bytes[body_at..])? } else { bytes[body_at..].to_vec() };
        Ok(Self { status: line.split_once(' ').map_or("", |(_, status)| status).to_owned(), headers, body })
    }

    pub(crate) fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {}\r\n", self.status);
        for (name, value) in self.headers.iter().filter(|(name, _)| !DROPPED.contains(&name.as_str())) {
            head += &format!("{name}: {value}\r\n");
        }
        head + &format!("content-length: {}\r\nconnection: close\r\n\r\n", self.body.len())
    }
}

/// The first line, and the headers with their names in lower case.
fn parse_head(head: &str) -> (&str, Vec<(String, String)>) {
    let mut lines = head.trim_end().lines();
    let first = lines.next().unwrap_or_default();
    let headers = lines.filter_map(|line| line.split_once(':'));
    (first, headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect())
}

fn unchunked(mut bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = find(bytes, b"\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let size = std::str::from_utf8(&bytes[..end]).ok().and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
        let size = size.ok_or(io::ErrorKind::InvalidData)?;
        let chunk = bytes.get(end + 2..end + 2 + size).ok_or(io::ErrorKind::UnexpectedEof)?;
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(chunk);
        bytes = bytes.get(end + 4 + size..).ok_or(io::ErrorKind::UnexpectedEof)?;
    }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut chunk = [0; 8192];
    let read = stream.read(&mut chunk).await?;
    if read == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    bytes.extend_from_slice(&chunk[..read]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_with_a_length_and_in_chunks() {
        let plain = Response::parse(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").unwrap();
        assert_eq!((plain.status.as_str(), plain.body.as_slice()), ("200 OK", &b"hi"[..]));
        let chunked = b"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
        let chunked = Response::parse(chunked).unwrap();
        assert_eq!((chunked.status.as_str(), chunked.body.as_slice()), ("503 Busy", &b"abc0123456789"[..]));
        assert!(chunked.head().contains("content-length: 13\r\n"), "{}", chunked.head());
        assert!(Response::parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc").is_err());
    }
}
