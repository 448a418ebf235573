//! `lipsum()`: text without meaning, for trying out layouts.

use super::Args;
use super::run::Run;
use crate::error::{Error, Result};
use crate::value::Value;

const WORDS: &str = "a ac accumsan ad adipiscing aenean aliquam aliquet amet ante aptent arcu at \
    auctor augue bibendum blandit class commodo condimentum congue consectetuer consequat conubia \
    convallis cras cubilia cum curabitur curae cursus dapibus diam dictum dignissim dolor donec \
    dui duis egestas eget eleifend elementum elit enim erat eros est et etiam eu euismod facilisi \
    fames faucibus felis fermentum feugiat fringilla fusce gravida habitant hendrerit iaculis id \
    imperdiet in integer interdum ipsum justo lacinia lacus laoreet lectus leo libero ligula \
    litora lobortis lorem luctus maecenas magna malesuada massa mattis mauris metus mi molestie \
    mollis montes morbi nam natoque nec neque netus nibh nisi nisl non nonummy nulla nunc odio \
    orci ornare parturient pede pellentesque penatibus per pharetra phasellus placerat platea \
    porta porttitor posuere potenti praesent pretium primis proin pulvinar purus quam quis \
    quisque rhoncus risus rutrum sagittis sapien scelerisque sed sem semper senectus sit sociis \
    sodales sollicitudin suscipit suspendisse tellus tempor tempus tincidunt torquent tortor \
    tristique turpis ullamcorper ultrices urna ut varius vehicula vel velit venenatis vestibulum \
    vitae vivamus viverra volutpat vulputate";

/// `lipsum(n=5, html=true, min=20, max=100)`.
pub(super) fn lipsum(run: &Run<'_>, mut args: Args) -> Result<Value> {
    let paragraphs = args.int("n", 5)?;
    let html = args.flag("html", true)?;
    let least = args.int("min", 20)?;
    let most = args.int("max", 100)?;
    args.finish()?;
    if !(0..=1000).contains(&paragraphs) || !(0..=10_000).contains(&most) || least >= most {
        return Err(Error::template(
            "`lipsum` was asked for an impossible amount",
        ));
    }
    let mut dice = rand_mt::Mt::new_unseeded();
    dice_seed(&mut dice);
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let texts: Vec<String> = (0..paragraphs)
        .map(|_| {
            let span = u32::try_from(most - least).unwrap_or(1).max(1);
            let count = least + i64::from(dice.next_u32() % span);
            paragraph(&words, usize::try_from(count).unwrap_or(0), &mut dice)
        })
        .collect();
    let text = if html {
        let tagged: Vec<String> = texts.iter().map(|text| format!("<p>{text}</p>")).collect();
        tagged.join("\n")
    } else {
        texts.join("\n\n")
    };
    run.shared.spend(text.len())?;
    Ok(Value::str(text))
}

/// Sets the dice by the clock.
fn dice_seed(dice: &mut rand_mt::Mt) {
    let nanos = jiff::Timestamp::now().as_nanosecond();
    for _ in 0..nanos.rem_euclid(997) {
        dice.next_u32();
    }
}

/// Words in sentences of five to fourteen, each beginning with a capital.
fn paragraph(words: &[&str], count: usize, dice: &mut rand_mt::Mt) -> String {
    let mut text = String::new();
    let mut left = 0;
    for position in 0..count {
        let word = words[dice.next_u32() as usize % words.len()];
        if left == 0 {
            left = 5 + dice.next_u32() % 10;
            let (first, rest) = word.split_at(1);
            text.push_str(&first.to_uppercase());
            text.push_str(rest);
        } else {
            text.push_str(word);
        }
        left -= 1;
        if position + 1 == count || left == 0 {
            text.push('.');
        }
        if position + 1 < count {
            text.push(' ');
        }
    }
    text
}
