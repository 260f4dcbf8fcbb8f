//! Many orders in one unit of work.

use super::order::Order;
use crate::bank::guard::Guard;
use crate::ledger::{Batch, Instruction};

/// The key of a transaction's metadata under which those stand who signed, where several did.
pub const SIGNERS: &str = "signers";

/// Where several sign, the transaction says who: the mandate was judged by it.
fn noted(mut order: Order) -> Order {
    let signers = order.signers();
    if signers.len() < 2 {
        return order;
    }
    let mut ids: Vec<String> = signers.iter().map(ToString::to_string).collect();
    ids.sort_unstable();
    let terms = match &mut order.instruction {
        Instruction::Post(new) => &mut new.terms,
        Instruction::Hold(new) => &mut new.terms,
        _ => return order,
    };
    // A value holds six ids.
    for (at, some) in ids.chunks(6).enumerate() {
        let key = if at == 0 { SIGNERS.to_owned() } else { format!("{SIGNERS}.{at}") };
        // Full of the host's own pairs: then those are what is kept.
        let _ = terms.notes_mut().metadata.insert(&key, &some.join(" "));
    }
    order
}

/// Orders for one unit of work: independent ones, and groups that stand or fall together; at most
/// [`MAX_BATCH`](crate::ledger::MAX_BATCH) of them. Decided in order, each seeing those before it.
#[derive(Debug, Clone, Default)]
pub struct Orders {
    pub(in crate::bank) batch: Batch,
    pub(in crate::bank) guards: Vec<Guard>,
}

impl Orders {
    /// No orders.
    #[must_use]
    pub const fn new() -> Self {
        Self { batch: Batch::new(), guards: Vec::new() }
    }

    /// No orders, with room for some.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { batch: Batch::with_capacity(capacity), guards: Vec::with_capacity(capacity) }
    }

    /// Adds an order.
    pub fn push(&mut self, order: Order) -> &mut Self {
        let Order { instruction, guard } = noted(order);
        self.batch.push(instruction);
        self.guards.push(guard);
        self
    }

    /// Adds orders that are carried out all or none.
    pub fn push_group(&mut self, orders: impl IntoIterator<Item = Order>) -> &mut Self {
        let guards = &mut self.guards;
        let instructions: Vec<Instruction> = orders
            .into_iter()
            .map(|order| {
                let Order { instruction, guard } = noted(order);
                guards.push(guard);
                instruction
            })
            .collect();
        self.batch.push_group(instructions);
        self
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.guards.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.guards.is_empty()
    }
}

impl From<Order> for Orders {
    fn from(order: Order) -> Self {
        let mut orders = Self::new();
        orders.push(order);
        orders
    }
}

impl FromIterator<Order> for Orders {
    fn from_iter<I: IntoIterator<Item = Order>>(all: I) -> Self {
        let mut orders = Self::new();
        for order in all {
            orders.push(order);
        }
        orders
    }
}
