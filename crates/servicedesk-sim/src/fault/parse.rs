//! Parses a fault from text.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::exchange::call::CallKind;
use crate::exchange::plan::{BombContent, OversizedBody};
use crate::exchange::reply::Reply;
use crate::fault::list_lie::{EndlessRows, ListLie};
use crate::fault::spec::{Fault, FaultKind, Strikes};

impl FromStr for Fault {
    type Err = anyhow::Error;

    fn from_str(spec: &str) -> anyhow::Result<Self> {
        let (name, settings) = spec.split_once(':').unwrap_or((spec, ""));
        let mut keys = Settings::read(settings)?;
        let fault = Self {
            kind: kind(name, &mut keys)?,
            on: call_kind(keys.take("on").as_deref())?,
            id: keys.take("id"),
            strikes: strikes(&mut keys)?,
            seen: Arc::default(),
        };
        keys.finish()?;
        Ok(fault)
    }
}

fn kind(name: &str, keys: &mut Settings) -> anyhow::Result<FaultKind> {
    Ok(match name {
        "status" => status(keys)?,
        "hang" => FaultKind::Hang,
        "reset" => FaultKind::Reset,
        "truncate" => FaultKind::Truncate,
        "html" => FaultKind::LoginPage,
        "empty" => FaultKind::Empty,
        "failed" => FaultKind::Failed,
        "slow" => FaultKind::Slow(Duration::from_millis(keys.required("ms")?)),
        "short-page" => FaultKind::ShortPage,
        "no-has-more-rows" => FaultKind::NoHasMoreRows,
        "total" => FaultKind::Lie(ListLie::Total {
            value: keys.take("value").context("it needs value=")?,
            parts: keys.take("parts"),
            days: keys
                .number("days")?
                .and_then(|days| days.try_into().ok())
                .unwrap_or(60),
        }),
        "endless" => FaultKind::Lie(ListLie::Endless(match keys.take("rows").as_deref() {
            None | Some("new") => EndlessRows::New,
            Some("again") => EndlessRows::Again,
            Some("none") => EndlessRows::None,
            Some(_) => bail!("rows= is new, again or none"),
        })),
        "flood" => FaultKind::Oversized(OversizedBody::Flood {
            rows: keys.required("rows")?,
        }),
        "endless-body" => FaultKind::Oversized(OversizedBody::Flood { rows: u64::MAX }),
        "drip" => FaultKind::Oversized(OversizedBody::Drip),
        "bomb" => FaultKind::Oversized(OversizedBody::Bomb {
            mebibytes: keys.required("mib")?,
            of: match keys.take("of").as_deref() {
                None | Some("blanks") => BombContent::Blanks,
                Some("rows") => BombContent::Rows,
                Some(_) => bail!("of= is blanks or rows"),
            },
        }),
        "huge" => FaultKind::HugeTicket {
            mebibytes: keys.required("mib")?,
        },
        other => bail!("no kind of fault is called {other}"),
    })
}

fn status(keys: &mut Settings) -> anyhow::Result<FaultKind> {
    let code = keys.required("code")?;
    let code = u16::try_from(code).ok().filter(|code| (200..600).contains(code));
    let body = keys.take("body");
    if let Some(name) = body.as_deref().filter(|name| Reply::named(name).is_none()) {
        bail!("no standard body is called {name}");
    }
    Ok(FaultKind::Status {
        code: code.context("code= is no HTTP status")?,
        body,
        retry_after: keys.take("retry_after"),
    })
}

fn call_kind(name: Option<&str>) -> anyhow::Result<Option<CallKind>> {
    Ok(match name {
        None | Some("any") => None,
        Some("list") => Some(CallKind::List),
        Some("detail") => Some(CallKind::Detail),
        Some("statuses") => Some(CallKind::Statuses),
        Some("token") => Some(CallKind::Token),
        Some("other") => Some(CallKind::Other),
        Some(other) => bail!("no kind of call is called {other}"),
    })
}

fn strikes(keys: &mut Settings) -> anyhow::Result<Strikes> {
    let (at, after, every) = (keys.number("at")?, keys.number("after")?, keys.number("every")?);
    let once = at.filter(|_| every.is_none()).map(|_| 1);
    if every == Some(0) {
        bail!("every= starts at 1");
    }
    let later = after.map(|after| after + every.unwrap_or(1));
    Ok(Strikes {
        first: at.or(later).or(every).unwrap_or(1),
        times: keys.number("times")?.or(once),
        every,
        share: keys.share()?,
        seed: keys.number("seed")?.unwrap_or(1),
    })
}

/// The `key=value` pairs of a fault; parsing takes them out one by one.
struct Settings(Vec<(String, String)>);

impl Settings {
    fn read(text: &str) -> anyhow::Result<Self> {
        let pairs = text.split(',').filter(|pair| !pair.is_empty());
        let split = |pair: &str| {
            let (key, value) = pair
                .split_once('=')
                .with_context(|| format!("{pair} is not key=value"))?;
            Ok((key.to_owned(), value.to_owned()))
        };
        pairs.map(split).collect::<anyhow::Result<_>>().map(Self)
    }

    fn take(&mut self, key: &str) -> Option<String> {
        let at = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(at).1)
    }

    fn number(&mut self, key: &str) -> anyhow::Result<Option<u64>> {
        self.take(key)
            .map(|text| text.parse().with_context(|| format!("{key}={text} is no number")))
            .transpose()
    }

    fn required(&mut self, key: &str) -> anyhow::Result<u64> {
        self.number(key)?.with_context(|| format!("it needs {key}="))
    }

    fn share(&mut self) -> anyhow::Result<Option<f64>> {
        let Some(text) = self.take("share") else {
            return Ok(None);
        };
        let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
        share
            .with_context(|| format!("share={text} is not between 0 and 1"))
            .map(Some)
    }

    fn finish(self) -> anyhow::Result<()> {
        match self.0.first() {
            Some((key, _)) => bail!("it has no setting {key}"),
            None => Ok(()),
        }
    }
}
