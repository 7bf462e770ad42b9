//! Numbers and names of accounts, as staff write them.

use anyhow::anyhow;

use crate::domain::{AccountKey, Line, LineKind, NumberProblem, NumberingPlan, OtherAccount};

/// Finds an account by a number of the plan or by an account's name (`product:tv:arben`). A kind of a grammar stands for
/// itself (`meter:04123456784`).
pub(super) fn key(plan: &NumberingPlan, written: &str) -> anyhow::Result<AccountKey> {
    if let Ok(other) = written.trim().parse::<OtherAccount>() {
        return Ok(other.key());
    }
    if written.contains(':') {
        return written.parse().map_err(|problem: String| anyhow!(problem));
    }
    Ok(of_line(&find(plan, written)?))
}

/// The sender of texts for which no sender is given: a mobile number of the plan.
pub(super) fn sender(plan: &NumberingPlan, given: Option<&str>) -> String {
    let sample = || plan.sample_mobile("0").map(|number| number.to_string());
    given.map(str::to_owned).or_else(sample).unwrap_or_default()
}

pub(super) fn of_line(line: &Line) -> AccountKey {
    match line.kind {
        LineKind::Mobile => AccountKey::subscriber(line.msisdn),
        LineKind::Fixed => AccountKey::fixed_line(line.msisdn),
    }
}

pub(super) fn find(plan: &NumberingPlan, written: &str) -> anyhow::Result<Line> {
    let plus = written.trim_start().starts_with('+');
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    plan.read(&digits, plus).map_err(|problem| {
        let right = plan.sample_mobile("123456789").map(|number| format!("; write it as {}", plan.national(number)));
        let what = match problem {
            NumberProblem::NotInPlan => "is not a number of the plan",
            NumberProblem::WrongLength => "has too few or too many digits",
        };
        anyhow!("`{written}` {what}{}", right.unwrap_or_default())
    })
}
