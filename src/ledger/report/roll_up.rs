//! Roll-ups: every node of the chart with the sum of all that stands under it.

use hashbrown::HashMap;

use crate::ledger::report::AccountLine;
use crate::ledger::report::tally::{Key, Sums, Tally};
use crate::ledger::{AccountClass, Chart, ChartCode, ChartNode, Text};
use crate::money::Currency;

/// A node of the chart with its amounts in one currency, in minor units, positive on the normal
/// side of its class.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RollUpLine {
    /// The code of the node.
    pub code: ChartCode,
    /// Its name; `None` when the chart does not know the code under this class.
    pub name: Option<Text>,
    /// Its class.
    pub class: AccountClass,
    /// How many nodes stand above it; 0 for a root.
    pub depth: usize,
    /// The currency.
    pub currency: Currency,
    /// The sum of the accounts directly under the code.
    #[serde(serialize_with = "super::wire::amount")]
    pub own: i128,
    /// The sum of the accounts under the code and all codes below it.
    #[serde(serialize_with = "super::wire::amount")]
    pub total: i128,
}

/// The lines of one class with their sum.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Section {
    /// The lines in pre-order: every node before its children.
    pub lines: Vec<RollUpLine>,
    /// The sum of all accounts of the class, in minor units.
    #[serde(serialize_with = "super::wire::amount")]
    pub total: i128,
}

impl Section {
    /// Takes the lines of a class out of a roll-up.
    pub(super) fn take(lines: &[RollUpLine], class: AccountClass) -> Self {
        let lines: Vec<_> = lines.iter().filter(|line| line.class == class).cloned().collect();
        let total = lines.iter().fold(0_i128, |sum, line| sum.saturating_add(line.own));
        Self { lines, total }
    }
}

/// Rolls account lines up along the chart, leaving out nodes without amounts; see
/// [`RollUpBuilder`] for the order and for the empty nodes.
#[must_use]
pub fn roll_up(chart: &Chart, lines: impl IntoIterator<Item = AccountLine>) -> Vec<RollUpLine> {
    let mut builder = RollUpBuilder::new(chart);
    lines.into_iter().for_each(|line| builder.add(line));
    builder.finish()
}

/// Builds a roll-up line by line.
///
/// Lines come out by currency, then class, then in pre-order by code; codes that the chart does
/// not know stand behind the tree of their class.
#[derive(Debug, Clone)]
pub struct RollUpBuilder<'a> {
    chart: &'a Chart,
    tally: Tally,
    keep_empty: bool,
}

impl<'a> RollUpBuilder<'a> {
    /// A roll-up without lines yet.
    #[must_use]
    pub fn new(chart: &'a Chart) -> Self {
        Self { chart, tally: Tally::default(), keep_empty: false }
    }

    /// Also reports the nodes without any amount, in every currency that has a line.
    #[must_use]
    pub const fn with_empty_nodes(mut self) -> Self {
        self.keep_empty = true;
        self
    }

    /// Adds the line of an account.
    pub fn add(&mut self, line: AccountLine) {
        self.tally.add(&line);
    }

    /// The roll-up.
    #[must_use]
    pub fn finish(self) -> Vec<RollUpLine> {
        by_currency(self.chart, self.tally, self.keep_empty)
            .into_iter()
            .flat_map(|(_, lines)| lines)
            .collect()
    }
}

/// The roll-up of a tally, per currency.
pub(super) fn by_currency(
    chart: &Chart,
    tally: Tally,
    keep_empty: bool,
) -> Vec<(Currency, Vec<RollUpLine>)> {
    let tree = Tree::new(chart);
    tally
        .by_currency()
        .into_iter()
        .map(|(currency, sums)| (currency, tree.roll_up(currency, sums, keep_empty)))
        .collect()
}

/// The chart laid out in pre-order.
struct Tree<'a> {
    nodes: Vec<TreeNode<'a>>,
}

struct TreeNode<'a> {
    node: &'a ChartNode,
    depth: usize,
    /// The place of the parent in the layout, which is before this one.
    parent: Option<usize>,
}

/// What a roll-up knows of a node.
#[derive(Clone, Copy, Default)]
struct Amounts {
    own: i128,
    total: i128,
    touched: bool,
}

impl<'a> Tree<'a> {
    fn new(chart: &'a Chart) -> Self {
        let mut roots = Vec::new();
        let mut children: HashMap<ChartCode, Vec<&'a ChartNode>> = HashMap::new();
        for node in chart.nodes() {
            match node.parent.filter(|parent| chart.get(*parent).is_some()) {
                Some(parent) => children.entry(parent).or_default().push(node),
                None => roots.push(node),
            }
        }
        roots.sort_by_key(|node| node.class);
        // A stack and no recursion: a chart may be one chain of all its nodes.
        let mut open: Vec<_> =
            roots.into_iter().rev().map(|node| TreeNode { node, depth: 0, parent: None }).collect();
        let mut nodes = Vec::with_capacity(chart.len());
        while let Some(next) = open.pop() {
            let (at, depth) = (nodes.len(), next.depth.saturating_add(1));
            let below = children.remove(&next.node.code).unwrap_or_default();
            nodes.push(next);
            open.extend(below.into_iter().rev().map(|node| TreeNode {
                node,
                depth,
                parent: Some(at),
            }));
        }
        Self { nodes }
    }

    fn roll_up(
        &self,
        currency: Currency,
        sums: Vec<(Key, Sums)>,
        keep_empty: bool,
    ) -> Vec<RollUpLine> {
        let mut sums: HashMap<Key, Sums> = sums.into_iter().collect();
        let amounts = self.amounts(currency, &mut sums);
        let mut lines: Vec<_> = self
            .nodes
            .iter()
            .zip(amounts)
            .filter(|(_, amounts)| keep_empty || amounts.touched)
            .map(|(at, amounts)| RollUpLine {
                code: at.node.code,
                name: Some(at.node.name.clone()),
                class: at.node.class,
                depth: at.depth,
                currency,
                own: amounts.own,
                total: amounts.total,
            })
            .collect();
        // What no node took is unknown to the chart, and shown even when it is zero.
        let mut strays: Vec<_> = sums.into_iter().collect();
        strays.sort_unstable_by_key(|(key, _)| *key);
        lines.extend(strays.into_iter().map(|(key, sums)| {
            let own = sums.net(key.class);
            let (code, class) = (key.code, key.class);
            RollUpLine { code, name: None, class, depth: 0, currency, own, total: own }
        }));
        // Stable, and the tree is in the order of the classes already: only strays move.
        lines.sort_by_key(|line| line.class);
        lines
    }

    /// The amounts of every node, taking from `sums` what belongs to one.
    fn amounts(&self, currency: Currency, sums: &mut HashMap<Key, Sums>) -> Vec<Amounts> {
        let mut amounts: Vec<_> = self
            .nodes
            .iter()
            .map(|TreeNode { node, .. }| {
                let key = Key { currency, code: node.code, class: node.class };
                let sums = sums.remove(&key).unwrap_or_default();
                let own = sums.net(node.class);
                Amounts { own, total: own, touched: !sums.is_zero() }
            })
            .collect();
        // From the last to the first every node is complete before it enters its parent.
        for (at, node) in self.nodes.iter().enumerate().rev() {
            let done = amounts.get(at).copied().unwrap_or_default();
            if let Some(above) = node.parent.and_then(|parent| amounts.get_mut(parent)) {
                above.total = above.total.saturating_add(done.total);
                above.touched |= done.touched;
            }
        }
        amounts
    }
}
