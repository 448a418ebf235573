//! Whether a host could be there at all: its name has an address. For the doctor.

use std::net::IpAddr;
use std::time::Duration;

/// How long a name may be looked for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The addresses of a name.
///
/// # Errors
/// It has none; the text says why.
pub async fn resolve(name: &str, port: u16) -> Result<Vec<IpAddr>, String> {
    let found = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((name, port))).await;
    let found = match found {
        Err(_) => return Err(format!("no answer within {} s", PATIENCE.as_secs())),
        Ok(Err(error)) => return Err(error.to_string()),
        Ok(Ok(found)) => found,
    };
    let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    addresses.dedup();
    Ok(addresses)
}
