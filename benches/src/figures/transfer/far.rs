//! The two ends of a transfer that are not measured: an upstream that gives and takes, and a line that
//! takes its time.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// An upstream on the calling thread's core: a GET of `/give/N` is answered with that many bytes, all
/// else with none once its whole body has come.
pub(super) fn upstream() -> SocketAddr {
    serve(|stream| {
        std::thread::spawn(move || exchange(stream));
    })
}

/// A way to `address` on which every byte is under way for as long, in both directions.
pub(super) fn line(address: SocketAddr, one_way: Duration) -> SocketAddr {
    serve(move |near| {
        let Ok(far) = TcpStream::connect(address) else { return };
        for stream in [&near, &far] {
            stream.set_nodelay(true).expect("TCP");
        }
        let copy = |stream: &TcpStream| stream.try_clone().expect("a descriptor");
        carry(copy(&near), copy(&far), one_way);
        carry(far, near, one_way);
    })
}

fn serve(mut take: impl FnMut(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || listener.incoming().flatten().for_each(&mut take));
    address
}

fn exchange(mut stream: TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut buffer = vec![0; BUFFER];
    loop {
        let (head, mut taken) = read_head(&mut stream, &mut buffer)?;
        let give = head.strip_prefix("GET /give/").and_then(|rest| rest.split(' ').next());
        if let Some(count) = give {
            give_bytes(&mut stream, &buffer, count.parse().ok()?)?;
            continue;
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let length = length.unwrap_or(0);
        while taken < length {
            taken += some(stream.read(&mut buffer).ok()?)?;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok()?;
    }
}

/// The head, and how much of the body came with it.
fn read_head(stream: &mut TcpStream, buffer: &mut [u8]) -> Option<(String, u64)> {
    let mut filled = 0;
    loop {
        filled += stream.read(&mut buffer[filled..]).ok().filter(|read| *read > 0)?;
        if let Some(end) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            return Some((head, (filled - end - 4) as u64));
        }
    }
}

fn give_bytes(stream: &mut TcpStream, bytes: &[u8], count: u64) -> Option<()> {
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {count}\r\n\r\n").ok()?;
    let mut left = count;
    while left > 0 {
        let now = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        stream.write_all(&bytes[..now]).ok()?;
        left -= now as u64;
    }
    Some(())
}

fn some(read: usize) -> Option<u64> {
    (read > 0).then_some(read as u64)
}

fn carry(mut from: TcpStream, mut to: TcpStream, one_way: Duration) {
    let (put, take) = mpsc::channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        let mut buffer = vec![0; BUFFER];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if put.send((Instant::now() + one_way, buffer[..read].to_vec())).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        for (due, bytes) in take {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                return;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}

const BUFFER: usize = 256 * 1024;
