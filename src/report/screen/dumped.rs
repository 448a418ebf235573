//! A result's keys as text, in the form that the settings want (`_dump_results` of the reference's
//! `plugins/callback`).

use super::{Format, ScreenOptions};
use crate::value::{Map, Value, to_json_nice, to_json_sorted};
use crate::yaml::DumpOptions;

/// The keys of a result as text. `asked` is how far who prints indents, and `always` whether the result is shown
/// without `-v`, as that of `debug`.
pub(in crate::report) fn dumped(
    value: &Value,
    options: &ScreenOptions,
    asked: Option<usize>,
    always: bool,
) -> String {
    let pretty = options.pretty;
    let wanted = always
        || pretty == Some(true)
        || pretty.is_none() && options.format == Format::Yaml
        || options.verbosity > 2;
    let indent = match (pretty, asked) {
        (Some(false), _) => None,
        (_, Some(1..)) => asked,
        _ if wanted => Some(options.indent),
        _ => asked,
    };
    match (options.format, indent) {
        (Format::Json, Some(indent)) => to_json_nice(value, indent, true),
        (Format::Json, None) => to_json_sorted(value),
        (Format::Yaml, indent) => yaml(value, options, indent),
    }
}

/// On lines of its own; where it is to be nice, what stands there twice once, and nothing that a block cannot hold.
fn yaml(value: &Value, options: &ScreenOptions, indent: Option<usize>) -> String {
    let lossy = options.pretty != Some(false);
    let map = value.as_map().map(|map| (**map).clone());
    let mut map = map.unwrap_or_default();
    if lossy {
        leave_out_lines(&mut map);
    }
    let how = DumpOptions {
        indent: indent.unwrap_or(2),
        width: options.yaml_width,
        default_flow_style: Some(false),
        block_lines: true,
        lossy,
        ..DumpOptions::default()
    };
    let text = crate::yaml::dump(&Value::map(map), &how).unwrap_or_default();
    let blanks = " ".repeat(indent.filter(|indent| *indent > 0).unwrap_or(4));
    let lines = text.trim_end().lines().map(|line| match line.is_empty() {
        true => String::new(),
        false => format!("{blanks}{line}"),
    });
    format!("\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn leave_out_lines(map: &mut Map) {
    for name in ["stdout", "stderr"] {
        let lines = format!("{name}_lines");
        if map.contains(name) && map.contains(&lines) {
            map.set(&lines, "<omitted>");
        }
    }
}
