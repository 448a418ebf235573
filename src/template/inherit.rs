//! Template inheritance: which block of a name stands where.

use std::cell::RefCell;
use std::sync::Arc;

use super::ast::Block;
use super::ast::Stmt;
use super::compile::Compiled;
use super::origin::Origin;

/// A block with the template it stands in.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub block: Arc<Block>,
    pub template: Arc<Compiled>,
    pub origin: Origin,
}

/// The blocks of a template and its parents; of one name, the youngest template's comes first.
#[derive(Debug, Default)]
pub(super) struct Chain {
    blocks: RefCell<Vec<Placed>>,
}

impl Chain {
    /// Adds the blocks of a template, older than all that are there.
    pub(super) fn add(&self, body: &[Stmt], template: &Arc<Compiled>, origin: &Origin) {
        for statement in body {
            match statement {
                Stmt::Block(block) => {
                    self.blocks.borrow_mut().push(Placed {
                        block: block.clone(),
                        template: template.clone(),
                        origin: origin.clone(),
                    });
                    self.add(&block.body, template, origin);
                }
                Stmt::Plain(body) | Stmt::With(_, body) | Stmt::Filter(_, body) => {
                    self.add(body, template, origin);
                }
                Stmt::If(branches, otherwise) => {
                    for (_, body) in branches {
                        self.add(body, template, origin);
                    }
                    self.add(otherwise, template, origin);
                }
                Stmt::For(it) => {
                    self.add(&it.body, template, origin);
                    self.add(&it.otherwise, template, origin);
                }
                Stmt::SetBlock(it) => self.add(&it.body, template, origin),
                _ => {}
            }
        }
    }

    /// The block of a name, `level` steps up from the youngest.
    pub(super) fn find(&self, name: &str, level: usize) -> Option<Placed> {
        self.blocks
            .borrow()
            .iter()
            .filter(|placed| &*placed.block.name == name)
            .nth(level)
            .cloned()
    }
}
