//! The order of CPython's sets of integers.
//!
//! It follows from the numbers alone, so that a list which went through a set always comes out
//! the same; files that were written from such lists must not change. (The order of strings
//! changes from run to run there.)

use crate::value::Value;

/// How many places in a row are tried before a jump.
const IN_A_ROW: usize = 9;

#[derive(Clone, Copy, PartialEq)]
enum Entry {
    Free,
    /// Something was here and is gone.
    Gone,
    Number(i64),
}

/// A table of integers laid out as CPython 3.12 does it.
#[derive(Clone)]
pub(super) struct IntSet {
    table: Vec<Entry>,
    used: usize,
    filled: usize,
}

impl IntSet {
    fn new() -> Self {
        IntSet {
            table: vec![Entry::Free; 8],
            used: 0,
            filled: 0,
        }
    }

    /// `set(items)`, where all are integers.
    pub(super) fn of(items: &[Value]) -> Option<Self> {
        let mut set = IntSet::new();
        for item in items {
            match item {
                Value::Int(number) => set.add(*number),
                _ => return None,
            }
        }
        Some(set)
    }

    pub(super) fn values(&self) -> Vec<Value> {
        self.numbers().map(Value::Int).collect()
    }

    fn numbers(&self) -> impl Iterator<Item = i64> {
        self.table.iter().filter_map(|entry| match entry {
            Entry::Number(number) => Some(*number),
            _ => None,
        })
    }

    fn mask(&self) -> usize {
        self.table.len() - 1
    }

    /// Where the number is, or else where it would go: the last place on the way that was left, or
    /// the first free one.
    fn place(&self, number: i64) -> (usize, bool) {
        let hash = hash(number);
        let mask = self.mask();
        let mut perturb = hash;
        let mut at = hash & mask;
        let mut gone = None;
        loop {
            let last = if at + IN_A_ROW <= mask {
                at + IN_A_ROW
            } else {
                at
            };
            for place in at..=last {
                match self.table.get(place) {
                    Some(Entry::Number(found)) if *found == number => return (place, true),
                    Some(Entry::Free) | None => return (gone.unwrap_or(place), false),
                    Some(Entry::Gone) => gone = Some(place),
                    _ => {}
                }
            }
            perturb >>= 5;
            at = at.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb) & mask;
        }
    }

    fn add(&mut self, number: i64) {
        let (place, found) = self.place(number);
        if found {
            return;
        }
        let is_fresh = self.table[place] == Entry::Free;
        self.table[place] = Entry::Number(number);
        self.used += 1;
        if !is_fresh {
            return;
        }
        self.filled += 1;
        if self.filled * 5 >= self.mask() * 3 {
            self.resize(if self.used > 50_000 {
                self.used * 2
            } else {
                self.used * 4
            });
        }
    }

    fn resize(&mut self, least: usize) {
        let mut size = 8;
        while size <= least {
            size *= 2;
        }
        let numbers: Vec<i64> = self.numbers().collect();
        self.table = vec![Entry::Free; size];
        self.filled = self.used;
        for number in numbers {
            let (place, _) = self.place(number);
            self.table[place] = Entry::Number(number);
        }
    }

    /// `set(other)` and `set |= other` for another set.
    fn merge(&mut self, other: &IntSet) {
        if (self.filled + other.used) * 5 >= self.mask() * 3 {
            self.resize((self.used + other.used) * 2);
        }
        if self.filled == 0 && self.mask() == other.mask() && other.filled == other.used {
            *self = other.clone();
            return;
        }
        for number in other.numbers() {
            self.add(number);
        }
    }

    fn copied(&self) -> IntSet {
        let mut copy = IntSet::new();
        copy.merge(self);
        copy
    }

    fn contains(&self, number: i64) -> bool {
        self.place(number).1
    }

    fn remove(&mut self, number: i64) -> bool {
        let (place, found) = self.place(number);
        if found {
            self.table[place] = Entry::Gone;
            self.used -= 1;
        }
        found
    }

    pub(super) fn union(&self, other: &IntSet) -> IntSet {
        let mut all = self.copied();
        all.merge(other);
        all
    }

    pub(super) fn intersection(&self, other: &IntSet) -> IntSet {
        let (larger, smaller) = if other.used > self.used {
            (other, self)
        } else {
            (self, other)
        };
        let mut both = IntSet::new();
        for number in smaller.numbers().filter(|number| larger.contains(*number)) {
            both.add(number);
        }
        both
    }

    pub(super) fn difference(&self, other: &IntSet) -> IntSet {
        if self.used >> 2 > other.used {
            let mut rest = self.copied();
            for number in other.numbers() {
                rest.remove(number);
            }
            return rest;
        }
        let mut rest = IntSet::new();
        for number in self.numbers().filter(|number| !other.contains(*number)) {
            rest.add(number);
        }
        rest
    }

    pub(super) fn symmetric_difference(&self, other: &IntSet) -> IntSet {
        let mut rest = other.copied();
        for number in self.numbers() {
            if !rest.remove(number) {
                rest.add(number);
            }
        }
        rest
    }
}

/// Python's hash of an integer, as an unsigned number.
fn hash(number: i64) -> usize {
    const PRIME: u64 = (1 << 61) - 1;
    let hash = (number.unsigned_abs() % PRIME) as i64;
    let signed = match (number < 0, hash) {
        (true, 1) => -2,
        (true, hash) => -hash,
        (false, hash) => hash,
    };
    signed as usize
}
