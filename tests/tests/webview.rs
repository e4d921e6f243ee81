//! What a page in the real window can do if it were hostile: nothing that its capability does not name.

use anyhow::{Context, Result, ensure};
use countersign_tests::{Console, Desktop};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

/// Calls a command and tells what it answered, or why it was refused.
const INVOKE: &str = "const [command, done] = arguments;
window.__TAURI_INTERNALS__.invoke(command, { url: 'https://localhost', path: '/', program: 'sh', args: [], event: 'x' })
    .then((answer) => done({ answer }), (refused) => done({ refused: String(refused) }))";

/// Tries every way out of the page to an address, one after the other, and tells which directive of the content
/// security policy stopped each. Where none does, it hangs until the driver gives up.
const REACH_OUT: &str = "const [address, done] = arguments;
const stopped = (attempt) => new Promise((by) => {
    document.addEventListener('securitypolicyviolation', (told) => by(told.effectiveDirective), { once: true });
    try { attempt() } catch { }
});
const add = (tag, set) => document.body.append(Object.assign(document.createElement(tag), set));
(async () => done({
    fetch: await stopped(() => fetch(address).catch(() => 0)),
    socket: await stopped(() => new WebSocket(address.replace('http', 'ws'))),
    beacon: await stopped(() => navigator.sendBeacon(address)),
    image: await stopped(() => add('img', { src: address })),
    frame: await stopped(() => add('iframe', { src: address })),
    object: await stopped(() => add('object', { data: address })),
    style: await stopped(() => add('link', { rel: 'stylesheet', href: address })),
    worker: await stopped(() => new Worker(URL.createObjectURL(new Blob([''])))),
    script: await stopped(() => add('script', { src: address })),
    inline: await stopped(() => add('script', { textContent: '0' })),
    eval: await stopped(() => (0, eval)('1')),
    base: await stopped(() => add('base', { href: address })),
    form: await stopped(() => { add('form', { id: 'f', action: address }); document.getElementById('f').submit() }),
    window: window.open(address) === null ? 'refused' : 'open',
}))()";

#[tokio::test]
async fn the_main_window_reaches_only_its_own_commands() -> Result<()> {
    let desktop = Desktop::start("capabilities").await?;
    let console = Console::start(&desktop, &[]).await?;
    let answer = invoke(&console, "app_state").await?;
    ensure!(answer["answer"]["version"] == env!("CARGO_PKG_VERSION"), "{answer}");
    for command in [
        "nothing",
        "signing_subject",
        "signing_confirm",
        "signing_cancel",
        "plugin:opener|open_url",
        "plugin:opener|open_path",
        "plugin:shell|execute",
        "plugin:shell|open",
        "plugin:notification|notify",
        "plugin:window-state|save_window_state",
        "plugin:webview|create_webview_window",
        "plugin:window|close",
        "plugin:event|emit",
        "plugin:path|resolve_directory",
    ] {
        let answer = invoke(&console, command).await?;
        let refused = answer["refused"].as_str().with_context(|| format!("`{command}` answered {answer}"))?;
        ensure!(refused.contains("not allowed"), "`{command}`: {refused}");
    }
    Ok(())
}

#[tokio::test]
async fn a_page_can_neither_leave_nor_reach_out() -> Result<()> {
    let desktop = Desktop::start("reach-out").await?;
    let console = Console::start(&desktop, &[]).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let outside = listener.local_addr()?;
    let address = json!(format!("http://{outside}/"));

    let stopped = console.client().execute_async(REACH_OUT, vec![address.clone()]).await?;
    let expected = json!({
        "fetch": "connect-src", "socket": "connect-src", "beacon": "connect-src",
        "image": "img-src", "frame": "frame-src", "object": "object-src", "worker": "worker-src",
        "style": "style-src-elem", "script": "script-src-elem", "inline": "script-src-elem", "eval": "script-src",
        "base": "base-uri", "form": "form-action", "window": "refused",
    });
    ensure!(stopped == expected, "{stopped:#}");

    let home = console.client().current_url().await?;
    for leave in ["location.href = arguments[0]", "location.replace('data:text/html,x')", "location.assign('file:///')"]
    {
        console.client().execute(leave, vec![address.clone()]).await?;
        console.client().execute_async("setTimeout(arguments[0])", vec![]).await?;
        ensure!(console.client().current_url().await? == home, "it left by `{leave}`");
    }
    ensure!(console.client().windows().await?.len() == 1, "a window was opened");

    // Had the page reached the listener, that connection would be first in its queue.
    let ours = TcpStream::connect(outside).await?.local_addr()?;
    ensure!(listener.accept().await?.1 == ours, "the page reached the outside");
    Ok(())
}

#[tokio::test]
async fn the_page_gets_no_global_api_and_cannot_change_prototypes() -> Result<()> {
    let desktop = Desktop::start("globals").await?;
    let console = Console::start(&desktop, &[]).await?;
    let told = "return [typeof window.__TAURI__, Object.isFrozen(Object.prototype)]";
    ensure!(console.client().execute(told, vec![]).await? == json!(["undefined", true]));
    Ok(())
}

async fn invoke(console: &Console, command: &str) -> Result<Value> {
    Ok(console.client().execute_async(INVOKE, vec![json!(command)]).await?)
}
