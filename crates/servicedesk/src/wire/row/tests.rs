//! Rows that are broken, hostile or odd.

use std::sync::Arc;

use super::Row;

#[test]
fn an_endless_id_fails_only_its_row() {
    for json in [
        format!(
            r#"{{"requests":[{{"id":"{}"}},{{"id":"2"}}]}}"#,
            "1".repeat(2_000_000)
        ),
        // The third row cannot be read, so all are read one by one.
        format!(
            r#"{{"requests":[{{"id":"{}"}},{{"id":"2"}},7]}}"#,
            "1".repeat(2_000_000)
        ),
    ] {
        let rows = Row::all_of(&Arc::new(json.into()))
            .expect("an answer")
            .requests
            .expect("rows");
        let read = rows[0].request.as_ref().map(|_| ()).map_err(String::as_str);
        assert_eq!(read, Err("its id is longer than 1000 bytes"));
        assert_eq!(rows[1].id().map(|id| id.to_string()).as_deref(), Some("2"));
    }
}

#[test]
fn deep_nesting_fails_at_most_its_row() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for key in [
        "unknown",
        "id",
        "subject",
        "tags",
        "status",
        "resolution",
        "resolved_time",
    ] {
        let row = format!(r#"{{"id":"1","{key}":{}}}"#, nested(100_000));
        let answer = Row::all_of(&Arc::new(format!(r#"{{"requests":[{row}]}}"#).into())).expect(key);
        assert_eq!(answer.requests.map(|rows| rows.len()), Some(1), "{key}");
    }
}

#[test]
fn an_impossible_last_update_counts_as_absent() {
    let source_time = |value: &str| {
        let json = format!(r#"{{"last_updated_time": {{"value": "{value}"}}}}"#);
        Row::from_json(&json).source_time()
    };
    let read = source_time("1741694400533")
        .flatten()
        .map(|time| time.timestamp_millis());
    assert_eq!(read, Some(1_741_694_400_533));
    assert_eq!(source_time("-1"), Some(None));
    for impossible in [
        "253402300800000",
        "-62135596800001",
        "8210266876799999",
        "9223372036854775807",
    ] {
        assert_eq!(source_time(impossible), None, "{impossible}");
    }
}

#[test]
fn a_row_shows_its_own_json() {
    let list = r#"{"requests": [{"id": 1}, {"subject": "a\tb",  "id": "2"}]}"#;
    for (body, expected) in [
        (
            list,
            [r#"{"id": 1}"#, r#"{"subject": "a\tb",  "id": "2"}"#].as_slice(),
        ),
        (r#"{"request": {"id": 3, "x": [ ]}}"#, &[r#"{"id": 3, "x": [ ]}"#]),
        // The third row cannot be read, so all are read one by one.
        (
            r#"{"requests": [{"id": 1}, {"id": 1, "id": 2}, 7]}"#,
            &[r#"{"id": 1}"#, r#"{"id": 1, "id": 2}"#, "7"],
        ),
    ] {
        let answer = Row::all_of(&Arc::new(body.to_owned().into())).expect("an answer");
        let rows = answer.requests.into_iter().flatten().chain(answer.request);
        let shown: Vec<_> = rows.map(|row| row.raw.to_string()).collect();
        assert_eq!(shown, expected);
    }
}

#[test]
fn a_long_row_without_details_is_resumed_by_its_id() {
    let junk = "x".repeat(100_000);
    let thin = Row::from_json(&format!(r#"{{"id": 7, "udf": "{junk}"}}"#));
    assert_eq!(thin.json_to_resume(), r#"{"id":"7"}"#);
    for kept in [
        r#"{"id": 7}"#.to_owned(),
        format!(r#"{{"udf": "{junk}"}}"#),
        format!(
            r#"{{"id": 7, "description": "{junk}", "resolution": null, "resolved_time": {{"value": "9"}}}}"#
        ),
    ] {
        assert_eq!(Row::from_json(&kept).json_to_resume(), kept);
    }
}
