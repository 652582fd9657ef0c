//! Where the demo listens, and what to say when somebody else does.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use anyhow::{anyhow, bail};

use super::Options;

/// Loopback addresses for HTTPS. Browsers try both families for `*.localhost`.
///
/// # Errors
/// One of the demo's ports cannot be had; the message says which and what to do.
pub(super) fn free_addresses(options: &Options) -> anyhow::Result<Vec<SocketAddr>> {
    if options.port == options.admin_port {
        bail!("--port and --admin-port are both {}; each needs its own.", options.port);
    }
    let mut addresses = vec![IpAddr::from(Ipv4Addr::LOCALHOST)];
    // A machine without IPv6 has no ::1 to bind.
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        addresses.push(IpAddr::from(Ipv6Addr::LOCALHOST));
    }
    let https: Vec<_> = addresses.iter().map(|ip| SocketAddr::new(*ip, options.port)).collect();
    let admin = SocketAddr::from((Ipv4Addr::LOCALHOST, options.admin_port));
    for (address, flag) in
        https.iter().map(|address| (*address, "--port")).chain([(admin, "--admin-port")])
    {
        TcpListener::bind(address).map_err(|error| cannot_listen(address, flag, &error))?;
    }
    Ok(https)
}

fn cannot_listen(address: SocketAddr, flag: &str, error: &io::Error) -> anyhow::Error {
    let port = address.port();
    match error.kind() {
        io::ErrorKind::AddrInUse => anyhow!(
            "port {port} is taken: another program listens on {address}, perhaps a demo that still runs.\n\
             `ss -ltnp 'sport = :{port}'` shows which. Stop it, or choose another port with {flag}."
        ),
        io::ErrorKind::PermissionDenied => anyhow!(
            "port {port} needs privileges that this user does not have; choose one above 1023 with {flag}."
        ),
        _ => anyhow!("the demo cannot listen on {address}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let options = Options { data: "x".into(), port: free, admin_port: port };
        let message = free_addresses(&options).unwrap_err().to_string();
        assert!(message.contains(&format!("port {port} is taken")), "{message}");
        assert!(message.contains("--admin-port"), "{message}");
    }

    #[test]
    fn one_port_is_not_given_twice() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let options = Options { data: "x".into(), port: free, admin_port: free };
        let message = free_addresses(&options).unwrap_err().to_string();
        assert!(message.contains(&format!("are both {free}")), "{message}");
    }
}
