#![doc = include_str!("page.md")]

use std::sync::Arc;
use std::time::Duration;

use jiff::Zoned;

use crate::args;
use crate::error::Result;
use crate::modules::{Answer, ArgKind, ArgValue, Ask, Cx, FreeForm, Module, Step, rules};
use crate::outcome::Outcome;
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "pause",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

args! {
    /// What `pause` takes.
    Args {
        echo: bool = true,
        minutes: Option<Whole>,
        prompt: Option<String>,
        seconds: Option<Whole>,
    }
}

/// A number of minutes or seconds, as Python's `int()` makes one: of a number what stands before the
/// point, of text nothing but a whole number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Whole(i64);

impl ArgValue for Whole {
    const KIND: ArgKind = ArgKind::Int;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        match value {
            Value::Float(number) => Ok(Whole(number.trunc() as i64)),
            Value::Str(text) => text.trim().parse().map(Whole).map_err(|_| {
                format!("invalid literal for int() with base 10: {}", value.repr())
            }),
            other => i64::read(other).map(Whole),
        }
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    rules::exclusive(&[("minutes", args.minutes.is_some()), ("seconds", args.seconds.is_some())])?;
    let wait = wait(&args);
    let words = words(&args, wait);
    let ask = Ask::Prompt {
        said: words.said,
        text: words.asked,
        named: words.named,
        echo: args.echo,
        wait,
    };
    let begun = Zoned::now();
    Ok(Step::ask(ask, move |answer| {
        let typed = match answer {
            Answer::Text(text) => text,
            _ => String::new(),
        };
        Ok(outcome(&args, typed, &begun, &Zoned::now()).into())
    }))
}

/// How long; a second at least, as in the reference.
fn wait(args: &Args) -> Option<Duration> {
    let seconds = match (args.minutes, args.seconds) {
        (Some(Whole(minutes)), _) => minutes.saturating_mul(60),
        (None, Some(Whole(seconds))) => seconds,
        (None, None) => return None,
    };
    Some(Duration::from_secs(seconds.clamp(1, 1_000_000_000).unsigned_abs()))
}

/// What the terminal shows of a pause, in the reference's words.
#[derive(Debug, PartialEq)]
struct Words {
    /// What is said, whether or not somebody can be asked.
    said: Option<String>,
    /// What is asked.
    asked: String,
    /// Whether the task's name stands before what is asked.
    named: bool,
}

const KEYS: &str = "(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)";

fn words(args: &Args, wait: Option<Duration>) -> Words {
    let hidden = if args.echo { "" } else { " (output is hidden)" };
    let prompt = args.prompt.as_deref().filter(|prompt| !prompt.is_empty());
    let pausing = wait.map(|wait| format!("Pausing for {} seconds{hidden}", wait.as_secs()));
    let asked = format!("{}{hidden}:", prompt.unwrap_or("Press enter to continue, Ctrl+C to interrupt"));
    match (pausing, prompt) {
        (Some(pausing), None) => Words {
            said: Some(pausing),
            asked: KEYS.to_owned(),
            named: false,
        },
        (pausing, _) => Words {
            said: pausing.map(|pausing| format!("{pausing}\n{KEYS}")),
            asked,
            named: true,
        },
    }
}

fn outcome(args: &Args, typed: String, begun: &Zoned, ended: &Zoned) -> Outcome {
    let delta = ended.timestamp().as_second() - begun.timestamp().as_second();
    let stdout = match args.seconds {
        Some(_) => format!("Paused for {} seconds", rounded(seconds_between(begun, ended))),
        None => format!("Paused for {} minutes", rounded(seconds_between(begun, ended) / 60.0)),
    };
    Outcome::ok()
        .with("rc", 0)
        .with("stdout", stdout)
        .with("stderr", "")
        .with("start", text(begun))
        .with("stop", text(ended))
        .with("delta", delta)
        .with("echo", args.echo)
        .with("user_input", typed)
}

fn seconds_between(begun: &Zoned, ended: &Zoned) -> f64 {
    ended.timestamp().duration_since(begun.timestamp()).as_secs_f64()
}

/// Python's `round(seconds, 2)` as text.
fn rounded(number: f64) -> String {
    crate::value::float_repr((number * 100.0).round() / 100.0)
}

/// Python's `str(datetime)` in the controller's own time.
fn text(time: &Zoned) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
}

#[cfg(test)]
mod tests {
    use super::{Args, KEYS, outcome, wait, words};
    use crate::entries;
    use crate::value::Value;

    #[test]
    fn a_pause_takes_a_second_at_least() {
        for (args, seconds) in [
            (entries! {}, None),
            (entries! { "seconds" => 0 }, Some(1)),
            (entries! { "seconds" => 0.1 }, Some(1)),
            (entries! { "minutes" => 1.9 }, Some(60)),
            (entries! { "minutes" => 2 }, Some(120)),
            (entries! { "seconds" => "90" }, Some(90)),
        ] {
            let args = Args::read(&args).unwrap();
            assert_eq!(wait(&args).map(|wait| wait.as_secs()), seconds);
        }
    }

    #[test]
    fn the_words_are_the_references() {
        let of = |args| {
            let args = Args::read(&args).unwrap();
            let words = words(&args, wait(&args));
            (words.said, words.asked, words.named)
        };
        let text = |text: &str| Some(text.to_owned());
        let press = "Press enter to continue, Ctrl+C to interrupt:".to_owned();
        assert_eq!(of(entries! {}), (None, press, true));
        let both = of(entries! { "seconds" => 2, "prompt" => "Wait", "echo" => false });
        let said = format!("Pausing for 2 seconds (output is hidden)\n{KEYS}");
        assert_eq!(both, (Some(said), "Wait (output is hidden):".to_owned(), true));
        let timed = of(entries! { "minutes" => 1 });
        assert_eq!(timed, (text("Pausing for 60 seconds"), KEYS.to_owned(), false));
    }

    #[test]
    fn text_that_is_no_whole_number_is_refused() {
        for text in ["0.5", "hello", ""] {
            let error = Args::read(&entries! { "minutes" => text }).unwrap_err();
            let words = "is of type str and we were unable to convert to int: invalid literal for int()";
            assert!(error.message().contains(words), "{}", error.message());
        }
    }

    #[test]
    fn the_result_tells_times_and_input() {
        let begun: jiff::Zoned = "2024-01-02T03:04:05.5+00:00[UTC]".parse().unwrap();
        let ended: jiff::Zoned = "2024-01-02T03:04:35.5+00:00[UTC]".parse().unwrap();
        let args = Args::read(&entries! { "minutes" => 1 }).unwrap();
        let outcome = outcome(&args, "yes".to_owned(), &begun, &ended);
        assert_eq!(outcome.text("stdout"), Some("Paused for 0.5 minutes"));
        assert_eq!(outcome.text("start"), Some("2024-01-02 03:04:05.500000"));
        assert_eq!(outcome.data.get("delta"), Some(&Value::Int(30)));
        assert_eq!(outcome.text("user_input"), Some("yes"));
    }
}
