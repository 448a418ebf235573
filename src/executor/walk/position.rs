//! Where in a play a host is.

/// A place in the tree of a play: the child's number at each level. Places are ordered as the play
/// is read, so that "before" is a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(Vec<u32>);

impl Position {
    /// The place of the child with that number.
    #[must_use]
    pub fn child(&self, number: usize) -> Position {
        let mut path = Vec::with_capacity(self.0.len() + 1);
        path.extend_from_slice(&self.0);
        path.push(u32::try_from(number).unwrap_or(u32::MAX - 1));
        Position(path)
    }

    /// The place right behind everything below this one.
    #[must_use]
    pub fn end(&self) -> Position {
        let mut path = self.0.clone();
        path.push(u32::MAX);
        Position(path)
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn a_place_stands_before_what_comes_later() {
        let task = Position::default().child(1);
        assert!(task < task.child(0));
        assert!(task.child(7) < task.end());
        assert!(task.end() < Position::default().child(2));
    }
}
