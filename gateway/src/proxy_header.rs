//! The PROXY header by which a balancer that passes connections on says whose they are; versions 1 and 2
//! (haproxy.org/download/3.0/doc/proxy-protocol.txt).
//!
//! It is believed from configured networks alone, and there it is required: a connection that may begin either
//! way would let a client choose its address.

use std::net::SocketAddr;

use proxy_header::{Error, ParseConfig, ProxyHeader};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Why there is no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoHeader {
    /// Nothing came: a look at whether somebody listens.
    Closed,
    /// It broke off, or something else came.
    Other,
}

/// Reads the header and not a byte more. `None`: the connection is the balancer's own, a health check.
pub(crate) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<Option<SocketAddr>, NoHeader> {
    let mut header = Vec::with_capacity(USUAL);
    // Byte by byte, from the connection's buffer: what comes next belongs to somebody else.
    while header.len() < LONGEST {
        let nothing = if header.is_empty() { NoHeader::Closed } else { NoHeader::Other };
        header.push(stream.read_u8().await.map_err(|_| nothing)?);
        match ProxyHeader::parse(&header, CONFIG) {
            Ok((parsed, _length)) => {
                return Ok(parsed.proxied_address().map(|address| address.source));
            }
            Err(Error::BufferTooShort) => {}
            Err(_) => return Err(NoHeader::Other),
        }
    }
    Err(NoHeader::Other)
}

const CONFIG: ParseConfig = ParseConfig { include_tlvs: false, allow_v1: true, allow_v2: true };
/// The longest of version 1; of version 2 with addresses only it is 52.
const USUAL: usize = 107;
/// Version 2 may carry more than addresses; balancers in use stay far below.
const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn read_from(mut bytes: &[u8]) -> (Result<Option<SocketAddr>, NoHeader>, usize) {
        let outcome = read(&mut bytes).await;
        (outcome, bytes.len())
    }

    fn version_2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let mut header = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
        header.extend_from_slice(&[0x20 | command, family]);
        header.extend_from_slice(&u16::try_from(rest.len()).unwrap().to_be_bytes());
        header.extend_from_slice(rest);
        header
    }

    #[tokio::test]
    async fn the_client_is_who_the_header_says() {
        let mut with_more = vec![192, 0, 2, 7, 10, 0, 0, 1, 0xd4, 0x31, 0x01, 0xbb];
        with_more.extend_from_slice(&[0x04, 0, 3, 0, 0, 0]);
        let mut v6 = vec![0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
        v6.extend_from_slice(&[0; 16]);
        v6.extend_from_slice(&[0xd4, 0x31, 0x01, 0xbb]);
        for (header, client) in [
            (b"PROXY TCP4 192.0.2.7 10.0.0.1 54321 443\r\n".to_vec(), "192.0.2.7:54321"),
            (b"PROXY TCP6 2001:db8::7 ::1 54321 443\r\n".to_vec(), "[2001:db8::7]:54321"),
            (version_2(1, 0x11, &with_more), "192.0.2.7:54321"),
            (version_2(1, 0x21, &v6), "[2001:db8::7]:54321"),
        ] {
            let bytes = [header, b"GET / HTTP/1.1\r\n".to_vec()].concat();
            let (outcome, left) = read_from(&bytes).await;
            assert_eq!(outcome, Ok(Some(client.parse().unwrap())));
            assert_eq!(left, 16, "what follows is left alone");
        }
    }

    #[tokio::test]
    async fn a_balancer_asks_for_itself() {
        for header in [b"PROXY UNKNOWN\r\n".to_vec(), version_2(0, 0, &[])] {
            assert_eq!(read_from(&header).await.0, Ok(None));
        }
    }

    #[tokio::test]
    async fn whatever_is_no_header_is_refused() {
        let endless = version_2(1, 0x11, &[0; 60_000]);
        for bytes in [
            &b"GET / HTTP/1.1\r\nHost: acme.example\r\n\r\n"[..],
            b"PROXY TCP4 192.0.2.7 10.0.0.1 54321 443",
            b"PROXY TCP4 192.0.2.700 10.0.0.1 54321 443\r\n",
            b"PROXY TCP4 2001:db8::7 ::1 54321 443\r\n",
            b"PROXY TCP4 192.0.2.7 10.0.0.1 54321 65536\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            &endless,
        ] {
            let outcome = read_from(bytes).await.0;
            assert_eq!(outcome, Err(NoHeader::Other), "{:?}", &bytes[..bytes.len().min(50)]);
        }
        assert_eq!(read_from(b"").await.0, Err(NoHeader::Closed));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200), version in 0..3) {
            let begin: &[u8] = match version {
                0 => b"",
                1 => b"PROXY ",
                _ => b"\r\n\r\n\0\r\nQUIT\n",
            };
            let bytes = [begin, &bytes].concat();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let _ = runtime.block_on(read_from(&bytes));
        }
    }
}
