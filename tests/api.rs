//! `playbooks/api.yml` against a small API with JSON Web Tokens.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const KEY: &[u8] = b"the key of this test, 32 bytes or more";

fn signature(message: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).unwrap();
    mac.update(message.as_bytes());
    BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
}

fn signed(claims: &Value) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let message = format!(
        "{}.{}",
        part(&json!({"alg": "HS256", "typ": "JWT"})),
        part(claims)
    );
    format!("{message}.{}", signature(&message))
}

/// The claims of a token that is signed with the key.
fn claims(token: &str) -> Option<Value> {
    let (message, given) = token.rsplit_once('.')?;
    if signature(message) != given {
        return None;
    }
    let claims = BASE64URL_NOPAD
        .decode(message.split('.').nth(1)?.as_bytes())
        .ok()?;
    serde_json::from_slice(&claims).ok()
}

fn answer(mut stream: TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let (mut length, mut token) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else {
            break;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => token = value.strip_prefix("Bearer ")?.to_owned(),
            _ => (),
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let who = claims(&token);
    let soon = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()?
        .as_secs()
        + 60;
    let words: Vec<&str> = first.split(' ').collect();
    let (status, said) = match (words[0], words[1], who) {
        ("POST", "/login", _) if body["password"] == "hunter2-hunter2" => {
            let claims = json!({"sub": body["user"], "aud": "api", "iss": "tests", "exp": soon});
            (200, json!({"token": signed(&claims)}))
        }
        ("GET", "/items", Some(_)) => (200, json!(["one", "two"])),
        ("POST", "/items", Some(who)) if who["scope"] == "write" => {
            (201, json!({"name": body["name"]}))
        }
        _ => (401, json!({"detail": "who are you?"})),
    };
    let said = said.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        said.len()
    );
    stream.write_all((head + &said).as_bytes()).ok()
}

#[test]
fn the_playbook_logs_in_signs_and_calls_and_tells_no_secret() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(|| answer(stream.unwrap()));
        }
    });
    let key = String::from_utf8_lossy(KEY);
    let run = |password: &str| {
        let vars = json!({"api": url, "api_key": key, "api_password": password}).to_string();
        let done = Command::new(env!("CARGO_BIN_EXE_play"))
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
            .args(["run", "playbooks/api.yml", "-e", &vars])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&done.stdout).into_owned()
            + &String::from_utf8_lossy(&done.stderr);
        for secret in [&*key, password, "eyJ"] {
            assert!(!text.contains(secret), "{text}");
        }
        (done.status.success(), text)
    };
    let (good, text) = run("hunter2-hunter2");
    assert!(good && text.contains("one, two, and now three"), "{text}");
    let (good, text) = run("wrong-password");
    assert!(!good, "{text}");
}
