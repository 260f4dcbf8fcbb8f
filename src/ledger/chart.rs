//! The chart of accounts: a tree of codes.

use std::collections::BTreeMap;

use crate::ledger::{AccountClass, ChartCode, Refusal, Text};

/// A node of the chart. Accounts stand under its code; roll-ups add up its children.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChartNode {
    /// The code.
    pub code: ChartCode,
    /// The class of every account under it.
    pub class: AccountClass,
    /// The node above, of the same class.
    pub parent: Option<ChartCode>,
    /// The name as a report prints it.
    pub name: Text,
}

impl ChartNode {
    /// A node.
    #[must_use]
    pub const fn new(
        code: ChartCode,
        class: AccountClass,
        parent: Option<ChartCode>,
        name: Text,
    ) -> Self {
        Self { code, class, parent, name }
    }
}

/// The most nodes of a chart; with it, the deepest chain.
pub const MAX_CHART_NODES: usize = 10_000;

/// The whole chart. Nodes are only ever added, so that an old report keeps its meaning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chart {
    nodes: BTreeMap<ChartCode, ChartNode>,
}

impl Chart {
    /// The node of a code.
    #[must_use]
    pub fn get(&self, code: ChartCode) -> Option<&ChartNode> {
        self.nodes.get(&code)
    }

    /// The nodes in the order of their codes.
    pub fn nodes(&self) -> impl Iterator<Item = &ChartNode> {
        self.nodes.values()
    }

    /// The number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The codes from a node up to its root, itself first.
    pub fn ancestors(&self, code: ChartCode) -> impl Iterator<Item = ChartCode> + '_ {
        // A parent exists before its child, so the chain ends.
        std::iter::successors(self.nodes.get(&code), |node| {
            node.parent.and_then(|parent| self.nodes.get(&parent))
        })
        .map(|node| node.code)
    }

    /// Adds nodes; a node that stands there already with the same content is left alone.
    /// Returns those that are new.
    ///
    /// # Errors
    /// [`Refusal::ChartTooLarge`], [`Refusal::ChartNodeDiffers`], [`Refusal::ChartParentUnknown`],
    /// [`Refusal::ChartClassDiffers`]; then nothing was added.
    pub fn define(&mut self, nodes: &[ChartNode]) -> Result<Vec<ChartNode>, Refusal> {
        let mut grown = self.clone();
        let mut added = Vec::new();
        for node in nodes {
            if grown.admit(node)? {
                added.push(node.clone());
            }
        }
        *self = grown;
        Ok(added)
    }

    fn admit(&mut self, node: &ChartNode) -> Result<bool, Refusal> {
        match self.nodes.get(&node.code) {
            Some(known) if known == node => return Ok(false),
            Some(_) => return Err(Refusal::ChartNodeDiffers { code: node.code }),
            None if self.nodes.len() >= MAX_CHART_NODES => {
                return Err(Refusal::ChartTooLarge { max: MAX_CHART_NODES });
            }
            None => {}
        }
        if let Some(parent) = node.parent {
            let Some(above) = self.nodes.get(&parent) else {
                return Err(Refusal::ChartParentUnknown { code: node.code, parent });
            };
            if above.class != node.class {
                return Err(Refusal::ChartClassDiffers { code: node.code, parent });
            }
        }
        self.nodes.insert(node.code, node.clone());
        Ok(true)
    }
}
