//! `random` and `shuffle`, with Python's generator where a seed is given.

use num_bigint::BigInt;
use rand_mt::Mt;
use sha2::{Digest, Sha512};

use super::super::{Args, Runtime};
use super::{Table, items, strict};
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const FILTERS: Table = &[("random", strict!(random)), ("shuffle", strict!(shuffle))];

/// A source of random numbers: Python's `random.Random`, or the system's.
pub(in crate::template) enum Source {
    Seeded(Box<Mt>),
    System(std::fs::File),
}

impl Source {
    /// Numbers nobody can foresee.
    pub(in crate::template) fn system() -> Result<Self> {
        std::fs::File::open("/dev/urandom")
            .map(Source::System)
            .map_err(|error| Error::template("failed to open `/dev/urandom`").because(error))
    }

    /// The numbers that `random.Random(seed)` gives.
    ///
    /// # Errors
    /// The seed is neither a number nor a text.
    pub(in crate::template) fn seeded(seed: &Value) -> Result<Self> {
        let big_endian = match seed {
            Value::Null => return Source::system(),
            Value::Str(text) => text_seed(text.as_bytes()),
            Value::Bytes(bytes) => text_seed(bytes),
            Value::BigInt(number) => number.magnitude().to_bytes_be(),
            Value::Float(number) => float_hash(*number).to_be_bytes().to_vec(),
            other => match other.as_int() {
                Some(number) => BigInt::from(number).magnitude().to_bytes_be(),
                None => {
                    return Err(Error::template(format!(
                        "a seed must be a number or a string, got a value of type `{}`",
                        seed.type_name()
                    )));
                }
            },
        };
        let mut key: Vec<u32> = big_endian
            .rchunks(4)
            .map(|chunk| {
                chunk
                    .iter()
                    .fold(0, |word, byte| word << 8 | u32::from(*byte))
            })
            .collect();
        while key.len() > 1 && key.last() == Some(&0) {
            key.pop();
        }
        Ok(Source::Seeded(Box::new(Mt::new_with_key(key))))
    }

    fn word(&mut self) -> Result<u32> {
        match self {
            Source::Seeded(generator) => Ok(generator.next_u32()),
            Source::System(file) => {
                let mut bytes = [0; 4];
                std::io::Read::read_exact(file, &mut bytes)?;
                Ok(u32::from_le_bytes(bytes))
            }
        }
    }

    /// A number of so many bits, at most 64.
    fn bits(&mut self, count: u32) -> Result<u64> {
        if count <= 32 {
            return Ok(u64::from(self.word()?) >> (32 - count.max(1)));
        }
        let low = u64::from(self.word()?);
        let high = u64::from(self.word()?) >> (64 - count);
        Ok(high << 32 | low)
    }

    /// A number below `bound`, which is above 0, each as likely as the others.
    pub(in crate::template) fn below(&mut self, bound: u64) -> Result<u64> {
        let count = 64 - bound.leading_zeros();
        loop {
            let number = self.bits(count)?;
            if number < bound {
                return Ok(number);
            }
        }
    }

    /// One of the items.
    pub(in crate::template) fn choose<'i, T>(&mut self, items: &'i [T]) -> Result<Option<&'i T>> {
        if items.is_empty() {
            return Ok(None);
        }
        let position = self.below(items.len() as u64)?;
        Ok(items.get(usize::try_from(position).unwrap_or(0)))
    }

    /// Python's `random.shuffle`.
    pub(in crate::template) fn shuffle<T>(&mut self, items: &mut [T]) -> Result<()> {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1)?;
            items.swap(last, usize::try_from(other).unwrap_or(0));
        }
        Ok(())
    }
}

/// The text and its digest, as one number.
fn text_seed(bytes: &[u8]) -> Vec<u8> {
    let mut seed = bytes.to_vec();
    seed.extend(Sha512::digest(bytes));
    seed
}

/// Python's `hash` of a float, taken as an unsigned number: it is modulo 2^61 - 1.
fn float_hash(number: f64) -> u64 {
    const PRIME: u64 = (1 << 61) - 1;
    let signed = |hash: u64| match number < 0.0 {
        true => hash.wrapping_neg(),
        false => hash,
    };
    if number.is_infinite() {
        return signed(314_159);
    }
    if number.is_nan() {
        return 0;
    }
    let bits = number.abs().to_bits();
    let exponent = i32::try_from(bits >> 52).unwrap_or(0);
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, power) = if exponent == 0 {
        (fraction, -1074)
    } else {
        (fraction | 1 << 52, exponent - 1075)
    };
    // 2^61 is 1 modulo the prime, so that powers go round every 61.
    let turn = u32::try_from(power.rem_euclid(61)).unwrap_or(0);
    let product = (u128::from(mantissa) << turn) % u128::from(PRIME);
    signed(u64::try_from(product).unwrap_or(0))
}

fn random(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let end = args.subject()?;
    let start = args.take("start")?.filter(Value::is_true);
    let step = args.take("step")?.filter(Value::is_true);
    let seed = args.take("seed")?.unwrap_or_default();
    args.finish()?;
    let mut source = Source::seeded(&seed)?;
    if let Some(end) = end.as_int() {
        let start = whole(&args, "start", start.as_ref(), 0)?;
        let step = whole(&args, "step", step.as_ref(), 1)?;
        return from_range(&mut source, start, end, step);
    }
    if !matches!(end, Value::List(_) | Value::Tuple(_) | Value::Str(_)) {
        return Err(Error::template(
            "random can only be used on sequences and integers",
        ));
    }
    if start.is_some() || step.is_some() {
        return Err(Error::template(
            "start and step can only be used with integer values",
        ));
    }
    let items = items(runtime, &end)?;
    source
        .choose(&items)?
        .cloned()
        .ok_or_else(|| Error::template("Cannot choose from an empty sequence"))
}

fn whole(args: &Args, name: &str, value: Option<&Value>, default: i64) -> Result<i64> {
    match value {
        None => Ok(default),
        Some(value) => value
            .as_int()
            .ok_or_else(|| args.wrong(name, "an integer", value)),
    }
}

fn from_range(source: &mut Source, start: i64, end: i64, step: i64) -> Result<Value> {
    let (start, end, step) = (i128::from(start), i128::from(end), i128::from(step));
    let width = end - start;
    let count = if step > 0 {
        (width + step - 1).div_euclid(step)
    } else {
        (width + step + 1) / step
    };
    let count = u64::try_from(count).unwrap_or(0);
    if count == 0 {
        return Err(Error::template(format!(
            "`random` got an empty range ({start}, {end}, {step})"
        )));
    }
    let chosen = start + step * i128::from(source.below(count)?);
    Ok(crate::value::int_from_big(BigInt::from(chosen)))
}

/// What cannot be looped over comes back as it is.
fn shuffle(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let seed = args.take("seed")?.filter(Value::is_true);
    args.finish()?;
    if !matches!(
        value,
        Value::List(_) | Value::Tuple(_) | Value::Str(_) | Value::Map(_) | Value::Set(_)
    ) {
        return Ok(value);
    }
    let mut items = items(runtime, &value)?;
    if let Ok(mut source) = Source::seeded(&seed.unwrap_or_default()) {
        source.shuffle(&mut items)?;
    }
    Ok(Value::list(items))
}
