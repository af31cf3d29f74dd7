//! A server that says it is PostgreSQL 20: a proxy before the tests' server, which changes the version on its way.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use super::cluster::{TestDb, number};

/// The URL of a database through the proxy.
pub(crate) fn url(db: &TestDb) -> String {
    let (before, rest) = db.tcp_url.split_once('@').unwrap();
    let (server, database) = rest.split_once('/').unwrap();
    let version = number(&mut db.connect(), "SELECT current_setting('server_version_num')::bigint AS value");
    let changes = [
        (format!("server_version\0{}", version / 10_000), "server_version\x0020".to_owned()),
        (version.to_string(), format!("20{:04}", version % 10_000)),
    ];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = server.to_owned();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
            pass(client.try_clone().unwrap(), server.try_clone().unwrap(), Vec::new());
            pass(server, client, changes.to_vec());
        }
    });
    format!("{before}@{address}/{database}?sslmode=disable")
}

/// Pass on what one says to the other, with these texts replaced by others of the same length.
fn pass(mut from: TcpStream, mut to: TcpStream, changes: Vec<(String, String)>) {
    thread::spawn(move || {
        let mut buffer = [0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let bytes = &mut buffer[..length];
            for (was, is) in &changes {
                let (was, is) = (was.as_bytes(), is.as_bytes());
                for at in 0..(length + 1).saturating_sub(was.len()) {
                    if bytes[at..].starts_with(was) {
                        bytes[at..at + is.len()].copy_from_slice(is);
                    }
                }
            }
            if to.write_all(bytes).is_err() {
                break;
            }
        }
        drop(to.shutdown(Shutdown::Write));
    });
}
