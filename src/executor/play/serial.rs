//! `serial`: how many hosts a batch has.

use crate::error::{Error, Result};
use crate::value::Value;

/// The sizes of the batches for so many hosts: the steps of `serial` in order, the last repeated.
///
/// # Errors
/// A step is neither a number nor a percentage.
pub fn sizes(serial: Option<&Value>, hosts: usize) -> Result<Vec<usize>> {
    let steps = match serial {
        None | Some(Value::Null) => return Ok(vec![hosts]),
        Some(Value::List(items)) => items.to_vec(),
        Some(single) => vec![single.clone()],
    };
    let steps: Result<Vec<usize>> = steps.iter().map(|step| size(step, hosts)).collect();
    let steps = steps?;
    let mut sizes = Vec::new();
    let mut left = hosts;
    let mut next = steps.iter();
    let mut size = hosts;
    while left > 0 {
        size = next.next().copied().unwrap_or(size);
        let taken = if size == 0 { left } else { size.min(left) };
        sizes.push(taken);
        left -= taken;
    }
    Ok(sizes)
}

/// A number, or a share of the hosts, rounded down but at least one.
fn size(step: &Value, hosts: usize) -> Result<usize> {
    let text = step.to_text();
    let wrong = || {
        Error::syntax(format!(
            "`{text}` is neither a number of hosts nor a percentage"
        ))
        .at(step.place().cloned())
    };
    if let Some(percent) = text.trim().strip_suffix('%') {
        let percent: f64 = percent.trim().parse().map_err(|_| wrong())?;
        let share = (hosts as f64 * percent / 100.0).floor() as usize;
        return Ok(share.max(1));
    }
    text.trim()
        .parse::<i64>()
        .map(|size| usize::try_from(size).unwrap_or(0))
        .map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::sizes;
    use crate::value::Value;

    #[test]
    fn batches_follow_the_steps_and_repeat_the_last() {
        let list = |items: &[&str]| Value::strings(items.iter().copied());
        for (serial, hosts, expected) in [
            (Value::Int(2), 5, vec![2, 2, 1]),
            (Value::str("30%"), 10, vec![3, 3, 3, 1]),
            (Value::str("1%"), 3, vec![1, 1, 1]),
            (list(&["1", "50%"]), 6, vec![1, 3, 2]),
            (Value::Int(0), 3, vec![3]),
            (Value::Int(9), 3, vec![3]),
        ] {
            assert_eq!(sizes(Some(&serial), hosts).unwrap(), expected, "{serial}");
        }
        assert!(sizes(Some(&Value::str("x")), 3).is_err());
    }
}
