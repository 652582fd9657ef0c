//! What people do, while things may be broken: every way it can end is a value.

use std::fmt;

use reqwest::{Method, RequestBuilder};

use crate::client::browser::{Browser, Page};
use crate::gateway::Person;
use crate::html::forms;

/// Why somebody did not arrive.
#[derive(Debug)]
pub enum Trouble {
    /// Nobody answered, or not to the end.
    NoAnswer(String),
    /// The answer was an error: 5xx, or 429.
    Refused(Box<Page>),
    /// Something else came than what was asked for.
    Elsewhere(Box<Page>),
}

impl Trouble {
    /// Whether it is a 503 that says when to come again.
    pub fn is_come_again(&self) -> bool {
        matches!(self, Self::Refused(page)
            if page.status == 503 && page.header("retry-after").is_some())
    }

    /// Whether nobody answered.
    pub fn is_no_answer(&self) -> bool {
        matches!(self, Self::NoAnswer(_))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer(error) => write!(formatter, "no answer: {error}"),
            Self::Refused(page) => write!(formatter, "{} from {}", page.status, page.url),
            Self::Elsewhere(page) => {
                write!(formatter, "{} from {}: {}", page.status, page.url, page.text())
            }
        }
    }
}

/// Opens a page of a portal and signs in if asked to; gives the portal's page.
///
/// # Errors
/// [`Trouble`], with whatever came instead.
pub async fn sign_in(browser: &Browser, person: &Person, url: &str) -> Result<Page, Trouble> {
    let mut page = open(browser, url).await?;
    if page.asks_to_sign_in() {
        let request = browser.credentials(&page, person.email, person.password);
        page = follow(browser, request.expect("the page asks for a password")).await?;
    }
    arrived(page, url)
}

/// Opens a page that needs no form any more: a portal where the session is known.
///
/// # Errors
/// [`Trouble`], with whatever came instead.
pub async fn visit(browser: &Browser, url: &str) -> Result<Page, Trouble> {
    arrived(open(browser, url).await?, url)
}

/// Signs out at a portal; the answer has been read.
///
/// # Errors
/// [`Trouble`], with whatever came instead: then nothing is promised.
pub async fn sign_out(browser: &Browser, portal: &str) -> Result<(), Trouble> {
    let ask = open(browser, &format!("{portal}/.bitrix-id/sign-out")).await?;
    if !ask.text().contains("/.bitrix-id/sign-out") {
        return Err(Trouble::Elsewhere(Box::new(ask)));
    }
    let form = ask.form("/.bitrix-id/sign-out");
    let answer = step(browser, browser.submission(&ask, &form, &[])).await?;
    if answer.status == 303 { Ok(()) } else { Err(Trouble::Elsewhere(Box::new(answer))) }
}

/// Saves a name on one's own profile page; the answer has been read.
///
/// # Errors
/// [`Trouble`], with whatever came instead: then nothing is promised.
pub async fn change_name(browser: &Browser, profile: &str, name: &str) -> Result<(), Trouble> {
    let page = open(browser, profile).await?;
    let forms = forms(&page.text());
    let form = forms.iter().find(|form| form.method == "post" && form.value("name").is_some());
    let Some(form) = form else { return Err(Trouble::Elsewhere(Box::new(page))) };
    let answer = step(browser, browser.submission(&page, form, &[("name", name)])).await?;
    let saved = answer.status == 303 && answer.location().path() == page.url.path();
    if saved { Ok(()) } else { Err(Trouble::Elsewhere(Box::new(answer))) }
}

/// Opens a page, redirects and all.
///
/// # Errors
/// [`Trouble`]; any page below 500 but 429 will do.
pub async fn open(browser: &Browser, url: &str) -> Result<Page, Trouble> {
    follow(browser, browser.navigation(Method::GET, url)).await
}

async fn follow(browser: &Browser, request: RequestBuilder) -> Result<Page, Trouble> {
    let mut page = step(browser, request).await?;
    for _ in 0..20 {
        if !page.redirects() {
            return Ok(page);
        }
        page = step(browser, browser.navigation(Method::GET, page.location().as_str())).await?;
    }
    Err(Trouble::Elsewhere(Box::new(page)))
}

async fn step(browser: &Browser, request: RequestBuilder) -> Result<Page, Trouble> {
    match browser.try_answer(request).await {
        Ok(page) if page.status >= 500 || page.status == 429 => {
            Err(Trouble::Refused(Box::new(page)))
        }
        Ok(page) => Ok(page),
        Err(error) => Err(Trouble::NoAnswer(format!("{error:?}"))),
    }
}

fn arrived(page: Page, url: &str) -> Result<Page, Trouble> {
    let there = page.status == 200 && page.url.as_str() == url;
    if there { Ok(page) } else { Err(Trouble::Elsewhere(Box::new(page))) }
}
