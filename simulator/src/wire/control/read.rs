//! Reads what is asked on a page of the twin's own, strictly.

use http::{HeaderMap, Method, StatusCode, header};
use sandtable_model::{AccountId, Duration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::form::Form;
use super::{Ask, Step, Trouble, What};

/// The longest name of a fork, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Reads what is asked on a page.
pub(in crate::wire) fn read<B: AsRef<[u8]>>(
    fork: Option<&str>,
    page: &str,
    request: &http::Request<B>,
) -> Result<Ask, Trouble> {
    let method = request.method();
    let (query, body) = (request.uri().query(), request.body().as_ref());
    let posted = || -> Result<(), Trouble> { no_parameters(query) };
    let read = || -> Result<(), Trouble> {
        match body.is_empty() {
            true => Ok(()),
            false => Err(Trouble::bad("UnknownBody", "This page takes no body.")),
        }
    };
    let what = match (method, page, fork) {
        (&Method::GET, "health", _) => {
            read()?;
            no_parameters(query)?;
            What::Health
        }
        (&Method::POST, "reset", _) => {
            posted()?;
            read()?;
            What::Reset
        }
        (&Method::POST, "advance", _) => {
            posted()?;
            What::Advance(step(json(request.headers(), body)?)?)
        }
        (&Method::GET, "snapshot", _) => {
            read()?;
            What::Snapshot(account(query)?)
        }
        (&Method::GET, "diff", _) => {
            read()?;
            What::Diff(account(query)?)
        }
        (&Method::GET, "forks", None) => {
            read()?;
            no_parameters(query)?;
            What::Forks
        }
        (&Method::POST, "forks", None) => {
            posted()?;
            let Forking { name, of } = json(request.headers(), body)?;
            named(&name)?;
            What::Fork { name, of }
        }
        (&Method::GET, "", Some(_)) => {
            read()?;
            no_parameters(query)?;
            What::Show
        }
        (&Method::DELETE, "", Some(_)) => {
            posted()?;
            read()?;
            What::Drop
        }
        (_, "forks", Some(_)) => {
            return Err(Trouble::bad(
                "NoForksOfForks",
                "A fork holds no forks. POST /_sandtable/forks with its name as `of` forks it.",
            ));
        }
        (_, "health" | "reset" | "advance" | "snapshot" | "diff" | "forks", _)
        | (_, "", Some(_)) => {
            return Err(Trouble::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "MethodNotAllowed",
                format!("This page is not for {method}."),
            ));
        }
        _ => return Err(Trouble::no_page()),
    };
    Ok(Ask {
        fork: fork.map(str::to_owned),
        what,
    })
}

/// The body of a page that takes one. The type must be given, so that no form of a web page passes.
fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Trouble> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Trouble::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "NotJson",
            "Send JSON, with the header `Content-Type: application/json`.",
        ));
    }
    serde_json::from_slice(body).map_err(|error| Trouble::bad("BadBody", error.to_string()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forking {
    name: String,
    of: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advancing {
    by: Option<String>,
    until: Option<Timestamp>,
}

fn step(asked: Advancing) -> Result<Step, Trouble> {
    let bad = |message: &str| Trouble::bad("BadStep", message);
    match (asked.by, asked.until) {
        (Some(text), None) => {
            let millis = duration_millis(&text)
                .ok_or_else(|| bad("`by` is a duration such as `90s`, `1h30m` or `2d`."))?;
            Ok(Step::By(Duration::from_millis(millis)))
        }
        (None, Some(at)) => Ok(Step::Until(at)),
        _ => Err(bad(
            "Say `by` a duration, such as `1h30m`, or `until` a time (RFC 3339).",
        )),
    }
}

/// `500ms`, `90s`, `15m`, `8h`, `2d`, or several of them in a row.
fn duration_millis(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut sum = 0_i64;
    while !rest.is_empty() {
        let unit_at = rest.find(|it: char| !it.is_ascii_digit())?;
        let (digits, from_unit) = rest.split_at(unit_at);
        let unit_end = from_unit.find(|it: char| it.is_ascii_digit());
        let (unit, next) = from_unit.split_at(unit_end.unwrap_or(from_unit.len()));
        let millis = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        let number: i64 = digits.parse().ok()?;
        sum = sum.checked_add(number.checked_mul(millis)?)?;
        rest = next;
    }
    (!text.is_empty()).then_some(sum)
}

/// The account that a page is about, in its URL.
fn account(query: Option<&str>) -> Result<Option<AccountId>, Trouble> {
    let form = Form::parse(query, b"").map_err(|it| Trouble::bad("BadParameter", it.message))?;
    if let Some((name, _)) = form.iter().find(|(name, _)| *name != "account") {
        return Err(Trouble::bad(
            "UnknownParameter",
            format!("This page takes `account` and not `{name}`."),
        ));
    }
    let account = form.get("account").map(AccountId::new).transpose();
    account.map_err(|error| Trouble::bad("BadParameter", error.to_string()))
}

fn no_parameters(query: Option<&str>) -> Result<(), Trouble> {
    match query.is_none_or(str::is_empty) {
        true => Ok(()),
        false => Err(Trouble::bad(
            "UnknownParameter",
            "This page takes no parameters in its URL.",
        )),
    }
}

fn named(name: &str) -> Result<(), Trouble> {
    let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    let is_good = (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(plain);
    match is_good {
        true => Ok(()),
        false => Err(Trouble::bad(
            "BadName",
            format!(
                "The name of a fork is 1 to {MAX_NAME_BYTES} lower-case letters, digits and dashes."
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_durations_are_read() {
        let cases = [
            ("500ms", 500),
            ("90s", 90_000),
            ("1h30m", 5_400_000),
            ("2d", 172_800_000),
        ];
        for (text, millis) in cases {
            assert_eq!(duration_millis(text), Some(millis), "{text}");
        }
        for broken in [
            "",
            "1",
            "h",
            "1x",
            "-1s",
            "1.5h",
            "1h 30m",
            "99999999999999999999d",
        ] {
            assert_eq!(duration_millis(broken), None, "{broken}");
        }
    }
}
