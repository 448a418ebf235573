//! What a template puts out: one value keeps its type, more become text.

use crate::value::Value;

/// The output so far.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// The one value there was, while there was only one.
    single: Option<Value>,
    text: String,
    count: usize,
}

impl Output {
    /// Adds literal text, or a piece that was text anyway.
    pub(super) fn push_text(&mut self, text: &str) {
        if text.is_empty() && self.count == 0 {
            self.single = Some(Value::str(""));
            self.count = 1;
            return;
        }
        self.flatten();
        self.text.push_str(text);
        self.count += 1;
    }

    /// Says whether the next value would be the only one.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Sets the one value.
    pub(super) fn push_single(&mut self, value: Value) {
        self.single = Some(value);
        self.count = 1;
    }

    /// The one value that was put out, which must become text because more follows.
    pub(super) fn take_single(&mut self) -> Option<Value> {
        self.single.take()
    }

    fn flatten(&mut self) {
        if let Some(value) = self.single.take() {
            self.text.push_str(&value.to_text());
        }
    }

    /// The value of the whole: nothing gives null.
    pub(super) fn finish(mut self) -> Value {
        match self.single.take() {
            Some(value) => value,
            None if self.count == 0 => Value::Null,
            None => Value::str(self.text),
        }
    }
}
