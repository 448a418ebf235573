//! What a program said, and what it is to be answered.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::error::Result;
use crate::template::regex::{Flags, Pattern, compile};
use crate::value::{Map, Value};

/// A conversation.
pub struct Talk {
    prompts: Vec<Prompt>,
    heard: Vec<u8>,
    /// What lies before has been answered.
    from: usize,
}

/// Something that the program may ask.
struct Prompt {
    key: String,
    pattern: Arc<Pattern>,
    answers: Answers,
}

enum Answers {
    Always(String),
    InTurn(VecDeque<String>),
}

/// What follows from what was heard.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    /// The line to say.
    Answer(String),
    /// A prompt came more often than there are answers; the message.
    NoneLeft(String),
    /// Nothing yet.
    Nothing,
}

impl Talk {
    /// A conversation that knows these prompts, which are Python's regular expressions.
    ///
    /// # Errors
    /// One of them is none.
    pub fn new(responses: &Map) -> Result<Talk> {
        let flags = Flags {
            dot_all: true,
            ..Flags::default()
        };
        let prompt = |(key, value): (&Value, &Value)| {
            let key = key.to_text();
            Ok(Prompt {
                pattern: compile(&key, flags)?,
                answers: answers(value),
                key,
            })
        };
        Ok(Talk {
            prompts: responses.iter().map(prompt).collect::<Result<_>>()?,
            heard: Vec::new(),
            from: 0,
        })
    }

    /// How many bytes were heard.
    pub fn heard(&self) -> usize {
        self.heard.len()
    }

    /// Takes in what the program said since.
    pub fn hear(&mut self, bytes: &[u8]) {
        self.heard.extend_from_slice(bytes);
    }

    /// All that was heard.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.heard).into_owned()
    }

    /// The answer to the prompt that comes first.
    ///
    /// # Errors
    /// A pattern takes too long.
    pub fn answer(&mut self) -> Result<Said> {
        let rest = self.heard.get(self.from..).unwrap_or_default();
        let rest = String::from_utf8_lossy(rest).into_owned();
        let mut first: Option<(usize, usize, usize)> = None;
        for (index, prompt) in self.prompts.iter().enumerate() {
            if let Some(found) = prompt.pattern.search(&rest)?
                && first.is_none_or(|(start, ..)| found.start() < start)
            {
                first = Some((found.start(), found.end(), index));
            }
        }
        let Some((_, end, index)) = first else {
            return Ok(Said::Nothing);
        };
        // A pattern that matches nothing would do so for ever.
        self.from = (self.from + end.max(1)).min(self.heard.len());
        let Some(prompt) = self.prompts.get_mut(index) else {
            return Ok(Said::Nothing);
        };
        Ok(match &mut prompt.answers {
            Answers::Always(line) => Said::Answer(line.clone()),
            Answers::InTurn(lines) => match lines.pop_front() {
                Some(line) => Said::Answer(line),
                None => Said::NoneLeft(format!(
                    "No remaining responses for '{}', output was '{}'",
                    prompt.key,
                    rest.get(..end).unwrap_or(&rest)
                )),
            },
        })
    }
}

fn answers(value: &Value) -> Answers {
    let text = |value: &Value| value.to_text().trim_end_matches(['\r', '\n']).to_owned();
    match value.as_list() {
        Some(list) => Answers::InTurn(list.iter().map(text).collect()),
        None => Answers::Always(text(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Said, Talk};
    use crate::entries;
    use crate::value::Value;

    #[test]
    fn the_first_prompt_is_answered() {
        let mut talk = Talk::new(&entries! {
            "(?i)name: ?$" => "bob",
            "Pass.*:" => Value::strings(["a", "b"]),
        })
        .unwrap();
        assert_eq!(talk.answer().unwrap(), Said::Nothing);
        talk.hear(b"Your NA");
        assert_eq!(talk.answer().unwrap(), Said::Nothing);
        talk.hear(b"ME: ");
        assert_eq!(talk.answer().unwrap(), Said::Answer("bob".to_owned()));
        assert_eq!(talk.answer().unwrap(), Said::Nothing);
        talk.hear(b"Pass\xffword:\r\nPass: ");
        assert_eq!(talk.answer().unwrap(), Said::Answer("a".to_owned()));
        talk.hear(b"Pass:");
        assert!(matches!(talk.answer().unwrap(), Said::Answer(_)));
        talk.hear(b"Pass:");
        assert!(matches!(talk.answer().unwrap(), Said::NoneLeft(_)));
    }
}
