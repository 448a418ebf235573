//! What a probe saw of the things to deliver.

use crate::modules::digest::of_line;
use crate::modules::node::Node;
use crate::shell::Reply;

/// What stands where one item goes.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The letter of `deliver_kind`.
    pub kind: char,
    /// The node, where there is one.
    pub node: Option<Node>,
    /// The SHA-1, of a file that can be read.
    pub sum: Option<String>,
    /// The text of a link.
    pub link: Option<String>,
}

impl Seen {
    /// All that a probe saw, in the order of the items.
    pub fn all(reply: &Reply) -> Vec<Seen> {
        let nodes = reply.text("nodes").unwrap_or_default();
        let mut nodes = nodes
            .split("\n\n")
            .map(|text| Node::parse(text.trim_start_matches('\n')));
        let sums = reply.text("sums").unwrap_or_default();
        let mut sums = sums.lines();
        let links = reply.all("link");
        let mut links = links
            .iter()
            .map(|text| text.strip_suffix('\n').unwrap_or(text));
        let kinds = reply.text("kinds").unwrap_or_default();
        kinds
            .chars()
            .map(|kind| Seen {
                kind,
                node: if kind == '-' {
                    None
                } else {
                    nodes.next().flatten()
                },
                sum: if kind == 'f' {
                    sums.next().map(of_line)
                } else {
                    None
                },
                link: if kind == 'l' {
                    links.next().map(str::to_owned)
                } else {
                    None
                },
            })
            .collect()
    }

    /// Says whether nothing stands there.
    pub fn is_absent(&self) -> bool {
        self.kind == '-'
    }
}
