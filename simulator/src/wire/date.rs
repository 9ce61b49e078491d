//! Virtual time as text: the HTTP `Date` header and the log.

use sandtable_model::Timestamp;

/// Days from 0000-03-01, from which years of 400 repeat, to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;
const DAYS_PER_ERA: i64 = 146_097;
const MILLIS_PER_DAY: i64 = 86_400_000;
/// The last moment that four digits can name, 9999-12-31T23:59:59.999Z.
const LAST_MILLIS: i64 = 253_402_300_799_999;

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A moment split into the parts of a calendar, in UTC.
struct Civil {
    year: i64,
    /// From 1.
    month: i64,
    day: i64,
    weekday: &'static str,
    hour: i64,
    minute: i64,
    second: i64,
    millis: i64,
}

impl Civil {
    /// Moments outside 1970 to 9999 become the nearest one inside.
    fn of(now_millis: i64) -> Self {
        let now = now_millis.clamp(0, LAST_MILLIS);
        let (days, rest) = (now / MILLIS_PER_DAY, now % MILLIS_PER_DAY);
        let shifted = days + DAYS_TO_1970;
        let (era, day_of_era) = (shifted / DAYS_PER_ERA, shifted % DAYS_PER_ERA);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // Months counted from March, so that the leap day is the last of the year.
        let march_month = (5 * day_of_year + 2) / 153;
        let month = if march_month < 10 {
            march_month + 3
        } else {
            march_month - 9
        };
        let weekday = usize::try_from(days % 7)
            .ok()
            .and_then(|day| WEEKDAYS.get(day));
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * march_month + 2) / 5 + 1,
            weekday: weekday.copied().unwrap_or_default(),
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1_000 % 60,
            millis: rest % 1_000,
        }
    }
}

/// `Mon, 20 Jul 2026 13:44:30 GMT`, as RFC 7231 wants it.
pub(crate) fn http_date(now_millis: i64) -> String {
    let Civil {
        year,
        month,
        day,
        weekday,
        hour,
        minute,
        second,
        ..
    } = Civil::of(now_millis);
    let month = usize::try_from(month - 1)
        .ok()
        .and_then(|month| MONTHS.get(month));
    let month = month.copied().unwrap_or_default();
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// `2026-07-20T13:44:30.000Z`, as EC2 writes timestamps.
pub fn timestamp(now_millis: i64) -> String {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
        millis,
        ..
    } = Civil::of(now_millis);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// `20260720T134430Z`, the basic form of ISO 8601 in which signatures are dated.
pub(crate) fn basic(now_millis: i64) -> String {
    let extended = timestamp(now_millis);
    let seconds = extended.split('.').next().unwrap_or_default();
    let mut basic: String = seconds.chars().filter(|it| !"-:".contains(*it)).collect();
    basic.push('Z');
    basic
}

/// Reads the basic form, in milliseconds since 1970.
pub(crate) fn read_basic(text: &str) -> Option<i64> {
    let digits = |range: std::ops::Range<usize>| {
        let part = text.get(range)?;
        part.bytes().all(|it| it.is_ascii_digit()).then_some(part)
    };
    let is_basic = text.len() == 16 && text.get(8..9) == Some("T") && text.ends_with('Z');
    let (date, time) = (digits(0..8)?, digits(9..15)?);
    let (year, month, day) = (date.get(..4)?, date.get(4..6)?, date.get(6..)?);
    let (hour, minute, second) = (time.get(..2)?, time.get(2..4)?, time.get(4..)?);
    let extended = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    let moment: Timestamp = extended.parse().ok().filter(|_| is_basic)?;
    Some(moment.millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_dates_are_right() {
        let cases = [
            (
                0,
                "Thu, 01 Jan 1970 00:00:00 GMT",
                "1970-01-01T00:00:00.000Z",
            ),
            (
                951_782_400_000,
                "Tue, 29 Feb 2000 00:00:00 GMT",
                "2000-02-29T00:00:00.000Z",
            ),
            (
                1_784_555_070_120,
                "Mon, 20 Jul 2026 13:44:30 GMT",
                "2026-07-20T13:44:30.120Z",
            ),
            (
                4_107_542_399_999,
                "Sun, 28 Feb 2100 23:59:59 GMT",
                "2100-02-28T23:59:59.999Z",
            ),
            (
                i64::MAX,
                "Fri, 31 Dec 9999 23:59:59 GMT",
                "9999-12-31T23:59:59.999Z",
            ),
            (
                i64::MIN,
                "Thu, 01 Jan 1970 00:00:00 GMT",
                "1970-01-01T00:00:00.000Z",
            ),
        ];
        for (millis, http, iso) in cases {
            assert_eq!(http_date(millis), http);
            assert_eq!(timestamp(millis), iso);
        }
    }

    #[test]
    fn wire_dates_of_signatures_are_read() {
        assert_eq!(basic(1_784_555_070_120), "20260720T134430Z");
        assert_eq!(read_basic("20260720T134430Z"), Some(1_784_555_070_000));
        for broken in [
            "",
            "2026-07-20T13:44:30Z",
            "20260732T134430Z",
            "20260720 134430Z",
            "20260720T1344300",
            "2026072\u{e9}T134430Z",
            "+2260720T134430Z",
        ] {
            assert_eq!(read_basic(broken), None, "{broken}");
        }
    }
}
