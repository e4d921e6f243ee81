//! A page as a person meets it: things are found by the words on them, and are waited for.

use std::{fs, path::PathBuf};

use anyhow::Result;
use fantoccini::{Client, Locator, elements::Element};

use crate::wait::until;

const PAINTED: &str = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))";

/// The page that a driven window shows now.
#[derive(Debug, Clone)]
pub struct Page {
    client: Client,
    artifacts: PathBuf,
}

impl Page {
    pub(crate) fn new(client: Client, artifacts: PathBuf) -> Self {
        Self { client, artifacts }
    }

    /// The WebDriver session, for what this type does not offer.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Waits until these words can be read on the page.
    pub async fn see(&self, words: &str) -> Result<()> {
        until(format!("«{words}» on the page"), async || Ok(self.text().await?.contains(words).then_some(()))).await
    }

    /// Everything that can be read on the page, as the browser lays it out: WebDriver's own text of an element fails where an
    /// editor is on the page (`WebKitGTK`).
    pub async fn text(&self) -> Result<String> {
        let text = self.client.execute("return document.body?.innerText ?? ''", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Presses a button or follows a link, as soon as it can be pressed.
    pub async fn press(&self, name: &str) -> Result<()> {
        let name = quoted(name);
        let path = format!(
            "//*[self::button or self::a or self::summary or contains(' button link tab menuitem option switch ', concat(' ', @role, ' '))]\
             [normalize-space(.) = {name} or @aria-label = {name}] | //input[@type = 'submit' or @type = 'button'][@value = {name}]"
        );
        until(format!("a button {name} to press"), async || {
            let Some(button) = self.first_shown(&path).await? else { return Ok(None) };
            if !button.is_enabled().await? || button.attr("aria-disabled").await?.as_deref() == Some("true") {
                return Ok(None);
            }
            Ok(Some(button.click().await?))
        })
        .await
    }

    /// Waits for the field with this label.
    pub async fn field(&self, label: &str) -> Result<Element> {
        let label = quoted(label);
        let path = format!(
            "//*[self::input or self::textarea or self::select or @role = 'textbox']\
             [@aria-label = {label} or @id = //label[starts-with(normalize-space(.), {label})]/@for \
             or ancestor::label[starts-with(normalize-space(.), {label})] \
             or @aria-labelledby = //*[normalize-space(.) = {label}]/@id]"
        );
        until(format!("a field {label}"), async || self.first_shown(&path).await).await
    }

    /// Replaces what the field with this label holds.
    pub async fn fill(&self, label: &str, text: &str) -> Result<()> {
        let field = self.field(label).await?;
        field.clear().await?;
        field.send_keys(text).await?;
        Ok(())
    }

    /// Waits for a window or tab with this title and turns to it.
    pub async fn turn_to_title(&self, title: &str) -> Result<()> {
        self.turn_to(&format!("a window called «{title}»"), async || Ok(self.client.title().await? == title)).await
    }

    /// Waits for a window or tab whose address begins like this and turns to it.
    pub async fn turn_to_address(&self, beginning: &str) -> Result<()> {
        let what = format!("a window at `{beginning}`");
        self.turn_to(&what, async || Ok(self.client.current_url().await?.as_str().starts_with(beginning))).await
    }

    /// Takes a picture of the page, once everything so far is painted, and names the file.
    pub async fn screenshot(&self, name: &str) -> Result<PathBuf> {
        self.client.execute_async(PAINTED, vec![]).await?;
        let picture = self.artifacts.join(format!("{name}.png"));
        fs::write(&picture, self.client.screenshot().await?)?;
        Ok(picture)
    }

    async fn turn_to(&self, what: &str, is_it: impl AsyncFn() -> Result<bool>) -> Result<()> {
        until(what, async || {
            for window in self.client.windows().await?.into_iter().rev() {
                self.client.switch_to_window(window).await?;
                if is_it().await? {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await
    }

    async fn first_shown(&self, path: &str) -> Result<Option<Element>> {
        for element in self.client.find_all(Locator::XPath(path)).await? {
            if element.is_displayed().await? {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }
}

/// `XPath` 1.0 has no escape in strings: pieces without `"` are joined by a `"` in the other quotes.
fn quoted(text: &str) -> String {
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    let pieces: Vec<String> = text.split('"').map(|piece| format!("\"{piece}\"")).collect();
    format!("concat({})", pieces.join(", '\"', "))
}
