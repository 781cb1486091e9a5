//! Formats times as ServiceDesk Plus does.

use std::time::{SystemTime, UNIX_EPOCH};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
/// One day in milliseconds.
pub(crate) const DAY_MS: i64 = 86_400_000;
/// Offset of the portal's zone. `display_value` is local time, so a client that parses it fails.
const PORTAL_OFFSET_MS: i64 = 2 * 3_600_000;

/// Returns the wall clock in milliseconds since the epoch.
pub(crate) fn wall_clock_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// Returns year, month (1 to 12) and day of a day number since the epoch (Howard Hinnant's `civil_from_days`).
fn civil_date(day_number: i64) -> (i64, usize, i64) {
    let shifted = day_number + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as usize, day)
}

/// Appends a time object: `{"display_value":"Mar 11, 2025 12:00 PM","value":"1741687200240"}`.
pub(crate) fn push_time(out: &mut String, time_ms: i64) {
    let local_ms = time_ms + PORTAL_OFFSET_MS;
    let (year, month, day) = civil_date(local_ms.div_euclid(DAY_MS));
    let (hour, minute) = (
        local_ms.rem_euclid(DAY_MS) / 3_600_000,
        local_ms.rem_euclid(3_600_000) / 60_000,
    );
    let (month, half) = (MONTHS[month - 1], if hour < 12 { "AM" } else { "PM" });
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    let shown = format!("{month} {day:02}, {year} {hour:02}:{minute:02} {half}");
    out.push_str(&format!(
        "{{\"display_value\":\"{shown}\",\"value\":\"{time_ms}\"}}"
    ));
}

/// Appends a time object, or `null`.
pub(crate) fn push_optional_time(out: &mut String, time_ms: Option<i64>) {
    match time_ms {
        Some(time_ms) => push_time(out, time_ms),
        None => out.push_str("null"),
    }
}

/// Returns an HTTP date such as `Tue, 11 Mar 2025 10:00:00 GMT`.
pub(crate) fn http_date(time_ms: i64) -> String {
    let day_number = time_ms.div_euclid(DAY_MS);
    let (year, month, day) = civil_date(day_number);
    let second = time_ms.rem_euclid(DAY_MS) / 1_000;
    format!(
        "{}, {day:02} {} {year} {:02}:{:02}:{:02} GMT",
        WEEKDAYS[day_number.rem_euclid(7) as usize],
        MONTHS[month - 1],
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_look_as_in_real_answers() {
        let mut out = String::new();
        push_time(&mut out, 1_741_687_200_240);
        assert_eq!(
            out,
            r#"{"display_value":"Mar 11, 2025 12:00 PM","value":"1741687200240"}"#
        );
        assert_eq!(http_date(1_741_687_200_240), "Tue, 11 Mar 2025 10:00:00 GMT");
        assert_eq!(http_date(951_782_400_000), "Tue, 29 Feb 2000 00:00:00 GMT");
    }
}
