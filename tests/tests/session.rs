//! The parts of a desktop session that the other tests stand on are real.

use anyhow::{Result, ensure};
use countersign_tests::{Desktop, SystemBrowser};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

#[tokio::test]
async fn the_keyring_is_open_where_there_is_one() -> Result<()> {
    let with = Desktop::start("keyring").await?;
    let login = "/org/freedesktop/secrets/collection/login";
    let default = ask_keyring(&with, "/org/freedesktop/secrets", "Secret.Service.ReadAlias", &["string:default"])?;
    ensure!(default.contains(login), "{default}");
    let property = ["string:org.freedesktop.Secret.Collection", "string:Locked"];
    let locked = ask_keyring(&with, login, "DBus.Properties.Get", &property)?;
    ensure!(locked.contains("boolean false"), "{locked}");

    let without = Desktop::start_without_keyring("no-keyring").await?;
    let answer = ask_keyring(&without, "/org/freedesktop/secrets", "Secret.Service.ReadAlias", &["string:default"])?;
    ensure!(answer.contains("ServiceUnknown"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn what_xdg_open_is_given_opens_in_chromium() -> Result<()> {
    let desktop = Desktop::start("xdg-open").await?;
    let browser = SystemBrowser::start(&desktop).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/authorize?state=a%2Fb&scope=x%20y&n=1", listener.local_addr()?);
    tokio::spawn(echo_request_lines(listener));

    ensure!(desktop.command("xdg-open").arg(&address).status()?.success());
    browser.turn_to_address(&address).await?;
    browser.see("GET /authorize?state=a%2Fb&scope=x%20y&n=1 HTTP/1.1").await?;
    ensure!(browser.opened()? == [address]);
    browser.screenshot("chromium").await?;
    Ok(())
}

fn ask_keyring(desktop: &Desktop, object: &str, method: &str, arguments: &[&str]) -> Result<String> {
    let mut command = desktop.command("dbus-send");
    command.args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", object]);
    let output = command.arg(format!("org.freedesktop.{method}")).args(arguments).output()?;
    Ok(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

async fn echo_request_lines(listener: TcpListener) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n{line}");
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
    }
}
