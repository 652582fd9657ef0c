//! `bitrix-id health`, against a listener that answers as the admin listener does.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use super::*;

/// Answers one request, and gives back its first line.
fn answering(status: &str, body: &str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let length = body.len();
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}");
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 1024];
        let length = stream.read(&mut head).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&head[..length]).lines().next().unwrap_or_default().to_owned()
    });
    (address, asked)
}

fn health(arguments: &[&str]) -> anyhow::Result<(Outcome, String)> {
    let cli = Cli::try_parse_from(["bitrix-id", "health"].iter().chain(arguments))?;
    let mut out = Vec::new();
    let outcome = cli.run(&mut out)?;
    Ok((outcome, String::from_utf8(out)?))
}

#[test]
fn a_gateway_that_is_ready_is_well() {
    let (address, asked) = answering("200 OK", "{\"ready\":true}\n");
    let (outcome, said) = health(&["--address", &address.to_string()]).unwrap();
    assert_eq!((outcome, said.as_str()), (Outcome::Done, "{\"ready\":true}\n"));
    assert_eq!(asked.join().unwrap(), "GET /health/ready HTTP/1.1");
}

#[test]
fn the_reasons_of_one_that_is_not_are_printed() {
    let reasons = "{\"ready\":false,\"reasons\":[\"not working: the directory\"]}";
    let (address, _asked) = answering("503 Service Unavailable", reasons);
    let (outcome, said) = health(&["--address", &address.to_string()]).unwrap();
    assert_eq!(outcome, Outcome::Problem);
    assert!(said.contains("not working: the directory"), "{said}");
}

#[test]
fn life_is_asked_for_by_another_path() {
    let (address, asked) = answering("200 OK", "ok\n");
    let (outcome, _) = health(&["--live", "--address", &address.to_string()]).unwrap();
    assert_eq!(outcome, Outcome::Done);
    assert_eq!(asked.join().unwrap(), "GET /health/live HTTP/1.1");
}

#[test]
fn the_address_can_come_from_the_file() {
    let (address, asked) = answering("200 OK", "{\"ready\":true}");
    let desk = Desk::new();
    let text = CONFIG.replace("[server]", &format!("[server]\nadmin = \"{address}\""));
    std::fs::write(&desk.config, text).unwrap();
    assert_eq!(desk.run(&["health"]), "{\"ready\":true}\n");
    assert_eq!(asked.join().unwrap(), "GET /health/ready HTTP/1.1");
}

#[test]
fn nobody_there_and_somebody_else_there_are_errors() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let refused = describe(&health(&["--address", &free]).unwrap_err());
    assert!(refused.contains(&free), "{refused}");
    let (address, _asked) = answering("404 Not Found", "");
    let stranger = describe(&health(&["--address", &address.to_string()]).unwrap_err());
    assert!(stranger.contains("404"), "{stranger}");
}

#[test]
fn one_of_file_and_address_is_needed() {
    assert!(Cli::try_parse_from(["bitrix-id", "health"]).is_err());
    let both = ["bitrix-id", "health", "--config", "x", "--address", "127.0.0.1:9090"];
    assert!(Cli::try_parse_from(both).is_err());
}
