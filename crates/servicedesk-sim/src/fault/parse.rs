//! Reading a fault from text.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};

use super::lie::{Lie, Rows};
use super::{Fault, Kind, Strikes};
use crate::call::CallKind;
use crate::reply::Reply;

impl FromStr for Fault {
    type Err = anyhow::Error;

    fn from_str(spec: &str) -> anyhow::Result<Self> {
        let (name, settings) = spec.split_once(':').unwrap_or((spec, ""));
        let mut keys = Settings::read(settings).with_context(|| format!("fault {spec}"))?;
        let kind = match name {
            "status" => {
                let code = keys.number("code")?.context("a status fault needs code=")?;
                let code = u16::try_from(code).ok().filter(|code| (200..600).contains(code));
                let body = keys.take("body");
                if let Some(name) = body.as_deref().filter(|name| Reply::named(name).is_none()) {
                    bail!("no standard body is called {name}");
                }
                Kind::Status {
                    code: code.context("code= is no HTTP status")?,
                    body,
                    retry_after: keys.take("retry_after"),
                }
            }
            "hang" => Kind::Hang,
            "reset" => Kind::Reset,
            "truncate" => Kind::Truncate,
            "html" => Kind::LoginPage,
            "empty" => Kind::Empty,
            "failed" => Kind::Failed,
            "slow" => Kind::Slow(Duration::from_millis(
                keys.number("ms")?.context("a slow fault needs ms=")?,
            )),
            "short-page" => Kind::ShortPage,
            "no-has-more-rows" => Kind::NoHasMoreRows,
            "total" => Kind::Lie(Lie::Total {
                value: keys.take("value").context("a total fault needs value=")?,
                parts: keys.take("parts"),
                days: keys
                    .number("days")?
                    .and_then(|days| days.try_into().ok())
                    .unwrap_or(60),
            }),
            "endless" => Kind::Lie(Lie::Endless(match keys.take("rows").as_deref() {
                None | Some("new") => Rows::New,
                Some("again") => Rows::Again,
                Some("none") => Rows::None,
                Some(_) => bail!("rows= is new, again or none"),
            })),
            "flood" => Kind::Flood {
                rows: keys.number("rows")?.context("a flood needs rows=")?,
            },
            "endless-body" => Kind::EndlessBody,
            "drip" => Kind::Drip,
            "bomb" => Kind::Bomb {
                mebibytes: keys.number("mib")?.context("a bomb needs mib=")?,
            },
            other => bail!("no kind of fault is called {other}"),
        };
        let on = match keys.take("on").as_deref() {
            None | Some("any") => None,
            Some("list") => Some(CallKind::List),
            Some("detail") => Some(CallKind::Detail),
            Some("statuses") => Some(CallKind::Statuses),
            Some("token") => Some(CallKind::Token),
            Some("other") => Some(CallKind::Other),
            Some(other) => bail!("no kind of call is called {other}"),
        };
        let (at, after, every) = (keys.number("at")?, keys.number("after")?, keys.number("every")?);
        let times = keys
            .number("times")?
            .or(at.filter(|_| every.is_none()).map(|_| 1));
        if every == Some(0) {
            bail!("every= starts at 1");
        }
        let first = at
            .or(after.map(|after| after + every.unwrap_or(1)))
            .or(every)
            .unwrap_or(1);
        let strikes = Strikes {
            first,
            times,
            every,
            share: keys.share()?,
            seed: keys.number("seed")?.unwrap_or(1),
        };
        let fault = Self {
            kind,
            on,
            id: keys.take("id"),
            strikes,
            seen: Arc::default(),
        };
        keys.finish().with_context(|| format!("fault {spec}"))?;
        Ok(fault)
    }
}

/// The `key=value` part of a fault, emptied while it is read.
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
