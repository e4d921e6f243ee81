//! A change of policy in the real window, against a control plane over HTTP: what it widens is proved, the past that it
//! would have changed is shown, a test forbids it, it comes into force with a second person, and is rolled back.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use contract::policies::{CreateDraft, Publication, PublishDraft};
use countersign_tests::plane::{Approver, Plane};
use countersign_tests::{Console, Desktop, Page, SystemBrowser, until};
use domain::binding::{Action, Resources};
use domain::outcome::Outcome;
use domain::review::Verdict;
use fantoccini::Locator;
use fantoccini::key::Key;

const ONE: &str = "context.approval.approvers >= 1 &&                       // write 2 to ask for two people";
const TWO: &str = "context.approval.approvers >= 2 &&                       // write 2 to ask for two people";

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_what_one_approver_less_would_mean_and_takes_it_back() -> Result<()> {
    let plane = Plane::start().await;
    let ada = Approver::founder(&plane).await;
    let grace = ada.invite("grace@example.com", "Grace").await;
    two_are_needed(&ada, &grace).await?;
    a_month_passes(&plane).await?;

    let desktop = Desktop::start("policy-room").await?;
    let browser = SystemBrowser::start(&desktop).await?;
    let console = Console::start(&desktop, &[]).await?;
    console.press("Connect to a control plane").await?;
    console.fill("Address", plane.address().at("/").as_str()).await?;
    console.press("Connect").await?;
    console.press("Sign in with your browser").await?;
    browser.turn_to_address("http://127.0.0.1:").await?;
    browser.fill("E-mail address", "ada@example.com").await?;
    browser.fill("Password", "correct horse battery staple").await?;
    browser.press("Sign in").await?;
    browser.see("Signed in").await?;

    console.press("Policies").await?;
    console.see("Version 2 is in force").await?;
    console.screenshot("1-in-force").await?;
    console.press("Begin a draft…").await?;
    console.fill("What it is for", "One approver is enough").await?;
    console.press("Begin").await?;
    console.see("from version 2").await?;
    console.screenshot("2-draft").await?;
    one_is_enough(&console).await?;
    console.screenshot("2-edited").await?;

    // Proved: it widens, with a request that anybody can read.
    console.see("Widens").await?;
    let example = console.client().wait().for_element(Locator::Css(".counterexample")).await?.text().await?;
    ensure!(example.contains("requires 2 approvers; this request has 1") && example.contains("allowed"), "{example}");
    console.screenshot("2-proved").await?;
    desktop.screenshot("2-display")?;

    // Past: decisions that would have been easier.
    open_lens(&console, "Past").await?;
    console.see("easier approval").await?;
    console.screenshot("3-past").await?;

    // A test that forbids it, made of one of them: nothing can be published while it fails.
    press_first(&console, ".samples .link").await?;
    console.see("A decision that would be another").await?;
    console.screenshot("4-sample").await?;
    console.press("Make a test of it…").await?;
    press_first(&console, ".pins button").await?;
    console.see("1 test failing").await?;
    console.screenshot("5-test").await?;
    console.press("Publish…").await?;
    console.see("It cannot be published as it is.").await?;
    console.screenshot("6-refused").await?;
    console.press("Not now").await?;

    // Without it the draft is published, with the consent of somebody else, who is told that it widens.
    remove_the_test(&console).await?;
    console.press("Publish…").await?;
    console.screenshot("7-publish").await?;
    console.press("Save and publish").await?;
    console.see("It waits for approval.").await?;
    console.screenshot("8-waits").await?;
    // Whoever decides sees what the digests stand for.
    press_first(&console, "dialog a[href*='/approvals/']").await?;
    console.see("What would come into force").await?;
    console.see("changes prod-needs-approval").await?;
    console.see("These texts and tests have the digests that are signed").await?;
    console.see("It widens what can happen.").await?;
    console.screenshot("8-ticket").await?;
    let found = consent(&grace).await?;
    ensure!(found.iter().any(|sentence| sentence.contains("2 approvers")), "the example is told: {found:?}");
    console.press("Open the draft").await?;
    console.press("Publish now…").await?;
    console.press("Publish now").await?;
    console.see("Published as version 3.").await?;
    console.screenshot("9-published").await?;

    // And back.
    leave_the_dialog(&console).await?;
    console.press("Policies").await?;
    console.press("Versions").await?;
    console.screenshot("10-versions").await?;
    console.press("Roll back to version 2").await?;
    console.press("Make the draft").await?;
    console.see("brings back version 2").await?;
    console.press("Publish…").await?;
    console.press("Publish").await?;
    console.see("It waits for approval.").await?;
    consent(&grace).await?;
    leave_the_dialog(&console).await?;
    console.press("Publish now…").await?;
    console.press("Publish now").await?;
    console.see("Published as version 4.").await?;
    console.screenshot("11-rolled-back").await?;
    let live = ada.api().live_policies().await?;
    ensure!(live.summary.version == 4 && live.summary.restores == Some(2) && live.texts.policies.contains(TWO));
    console.quit().await
}

/// Version 2: production needs two people.
async fn two_are_needed(ada: &Approver, grace: &Approver) -> Result<()> {
    let mut texts = ada.api().live_policies().await?.texts;
    ensure!(texts.policies.contains(ONE), "the guard of production is another by now");
    texts.policies = texts.policies.replace(ONE, TWO);
    let request =
        CreateDraft { title: "Two people for production".into(), texts: Some(texts), ..CreateDraft::default() };
    let draft = ada.api().create_policy_draft(&request, "two").await?;
    let id = draft.summary.id.parse()?;
    let mut publish = PublishDraft { digest: draft.summary.digest, ticket: None, accept_unproved: false };
    let asked = ada.api().publish_policy_draft(id, &publish).await?;
    let Publication::ApprovalRequired { ticket, .. } = asked else { anyhow::bail!("{asked:?}") };
    grace.review(&ada.api().ticket(ticket).await?, Verdict::Approve, None).await?;
    publish.ticket = Some(ticket);
    let published = ada.api().publish_policy_draft(id, &publish).await?;
    ensure!(matches!(published, Publication::Published { version: 2, .. }), "{published:?}");
    Ok(())
}

/// Decisions of production and of elsewhere.
async fn a_month_passes(plane: &Plane) -> Result<()> {
    for env in ["prod", "prod", "dev", "prod"] {
        let action = Action {
            env: env.into(),
            action: "pipelines:execute".into(),
            resources: Resources::parse(["pipeline:billing/nightly"])?,
            context: BTreeMap::new(),
            command: None,
        };
        let decision = plane.runner().decide(&action).await?;
        let wanted = if env == "prod" { Outcome::RequireApproval } else { Outcome::Allow };
        ensure!(decision.outcome == wanted, "{decision:?}");
    }
    Ok(())
}

/// Edits the guard by keyboard alone: finds it, and types over what was found.
async fn one_is_enough(console: &Page) -> Result<()> {
    let editor = console.field("Policies").await?;
    editor.click().await?;
    strike(console, &format!("{}f", Key::Control)).await?;
    strike(console, "approvers >= 2").await?;
    strike(console, "\u{E007}").await?;
    strike(console, "\u{E00C}").await?;
    strike(console, "approvers >= 1").await
}

async fn open_lens(console: &Page, name: &str) -> Result<()> {
    let tab = format!("//*[@role = 'tab'][.//*[@class = 'lens-name'][starts-with(normalize-space(.), '{name}')]]");
    let tab = console.client().wait().for_element(Locator::XPath(&tab)).await?;
    Ok(tab.click().await?)
}

async fn press_first(console: &Page, css: &str) -> Result<()> {
    let button = console.client().wait().for_element(Locator::Css(css)).await?;
    Ok(button.click().await?)
}

async fn remove_the_test(console: &Page) -> Result<()> {
    press_first(console, ".case-actions [aria-label^='Remove']").await?;
    console.see("There are no tests").await
}

async fn leave_the_dialog(console: &Page) -> Result<()> {
    strike(console, "\u{E00C}").await
}

/// Approves the one ticket that waits; gives what was found of it.
async fn consent(grace: &Approver) -> Result<Vec<String>> {
    let waiting = until("a ticket that waits", async || Ok(grace.api().inbox(&[]).await?.items.pop())).await?;
    let ticket = grace.api().ticket(waiting.id).await?;
    grace.review(&ticket, Verdict::Approve, None).await?;
    Ok(ticket.found)
}

/// Strikes keys wherever the focus is.
async fn strike(page: &Page, keys: &str) -> Result<()> {
    Ok(page.client().active_element().await?.send_keys(keys).await?)
}
