//! A real browser without a window, where one is installed.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The first browser of the search path that can print a page's document.
fn browser() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
}

/// Opens the page in a window of this size, runs the script after the page's own, and gives what it leaves in `outcome`.
///
/// The script may await. Without a browser it prints `skipped` and is `None`.
pub fn drive(page: &Path, size: (u32, u32), script: &str) -> Option<Value> {
    drive_in(page, size, Scheme::Light, script)
}

/// What the reader's system prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

/// The same, on a system that prefers this scheme.
pub fn drive_in(page: &Path, (width, height): (u32, u32), scheme: Scheme, script: &str) -> Option<Value> {
    let Some(browser) = browser() else {
        println!("skipped: no Chromium is installed");
        return None;
    };
    let text = std::fs::read_to_string(page).expect("the page");
    let driver = format!(
        "<script>(async () => {{ const outcome = {{}}; try {{ {script} }} catch (error) {{ outcome.error = String(error.stack); }}\
         const pre = document.createElement('pre'); pre.id = 'outcome'; pre.textContent = JSON.stringify(outcome);\
         document.body.replaceChildren(pre); }})();</script></body>"
    );
    let driven = page.with_file_name("driven.html");
    std::fs::write(&driven, text.replace("</body>", &driver)).expect("a file");
    let profile = tempfile::tempdir().expect("a folder");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--virtual-time-budget=30000",
            "--dump-dom",
        ])
        .args((scheme == Scheme::Dark).then_some("--blink-settings=preferredColorScheme=0"))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={width},{height}"))
        .arg(format!("file://{}", driven.display()))
        .output()
        .expect("the browser starts");
    let document = String::from_utf8_lossy(&output.stdout);
    let outcome = document.split_once("<pre id=\"outcome\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let Some((json, _)) = outcome else { panic!("no outcome: {}", String::from_utf8_lossy(&output.stderr)) };
    let json = json.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let outcome: Value = serde_json::from_str(&json).expect("JSON");
    assert!(outcome["error"].is_null(), "{}", outcome["error"].as_str().unwrap_or_default());
    Some(outcome)
}
