//! What a process that will be killed asks for: every request follows from its number alone, so
//! that whoever is left can ask for the same again.

use corebank::bank::{Bank, Error};
use corebank::id::{HoldId, TransactionId};
use corebank::ledger::{
    Batch, Instruction, Kind, NewCapture, NewHold, NewRelease, NewReversal, NewTransaction,
};

use super::books::{account, clerk, id, usd};

/// How many callers ask side by side. Each waits for its answer before it asks again.
pub(super) const CALLERS: u64 = 4;

/// How many steps repeat.
const STEPS: u64 = 9;

/// A request: which life of the process, which caller, and how many it asked before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Request {
    pub(super) life: u64,
    pub(super) caller: u64,
    pub(super) turn: u64,
}

impl Request {
    pub(super) const fn next(self) -> Self {
        Self { turn: self.turn + 1, ..self }
    }

    /// The `at`th id of this request: no other has it.
    const fn id(self, at: u64) -> TransactionId {
        id((((self.life * CALLERS + self.caller) << 24) + self.turn) * 64 + at)
    }

    const fn hold_id(self) -> HoldId {
        HoldId::from_u128(self.id(0).as_u128())
    }

    const fn before(self, turns: u64) -> Self {
        Self { turn: self.turn.saturating_sub(turns), ..self }
    }

    fn pay(self, at: u64) -> NewTransaction {
        let (from, to) = (self.turn + at, self.turn * 3 + self.caller + at * at);
        let to = if from % 8 == to % 8 { to + 1 } else { to };
        let minor = 1 + ((self.turn * 7 + at) % 97) as i64;
        let money = usd(minor);
        NewTransaction::transfer(Kind::TRANSFER, account(from), account(to), money)
            .with_id(self.id(at))
    }

    fn many_legs(self) -> NewTransaction {
        let start = self.turn + self.caller;
        (1..4_u64)
            .fold(NewTransaction::new(Kind::TRANSFER), |sum, leg| {
                sum.debit(account(start + leg), usd(leg as i64))
            })
            .credit(account(start), usd(6))
            .with_id(self.id(0))
    }

    fn is_seal(self) -> bool {
        self.turn % STEPS == 8
    }

    fn instructions(self) -> Batch {
        let mut batch = Batch::new();
        match self.turn % STEPS {
            1 => {
                for at in 0..self.turn % 13 + 2 {
                    batch.push(self.pay(at));
                }
                let group = (20..23).map(|at| Instruction::from(self.pay(at)));
                batch.push_group(group);
            }
            2 | 5 => {
                let (from, to) = (account(self.turn), account(self.turn + 3));
                let hold = NewHold::transfer(Kind::TRANSFER, from, to, usd(50));
                batch.push(hold.with_id(self.hold_id()));
            }
            3 => {
                let hold = self.before(1).hold_id();
                let part = NewCapture::amount(Kind::TRANSFER, hold, usd(20)).keeping_rest();
                batch.push(part.with_id(self.id(0)));
                batch.push(NewCapture::rest(Kind::TRANSFER, hold).with_id(self.id(1)));
            }
            4 => {
                batch.push(self.many_legs());
            }
            6 => {
                let hold = self.before(1).hold_id();
                batch.push(NewRelease::new(hold).with_id(self.id(0)));
            }
            7 => {
                let original = self.before(3).id(0);
                batch.push(NewReversal::new(original).with_id(self.id(0)));
            }
            _ => {
                batch.push(self.pay(0));
            }
        }
        batch
    }

    /// The transactions that it posts.
    pub(super) fn posts(self) -> Vec<TransactionId> {
        if self.is_seal() {
            return Vec::new();
        }
        let ids: Vec<u64> = match self.turn % STEPS {
            1 => (0..self.turn % 13 + 2).chain(20..23).collect(),
            2 | 5 | 6 => Vec::new(),
            3 => vec![0, 1],
            _ => vec![0],
        };
        ids.into_iter().map(|at| self.id(at)).collect()
    }

    /// The hold that it places.
    pub(super) fn places(self) -> Option<HoldId> {
        matches!(self.turn % STEPS, 2 | 5).then(|| self.hold_id())
    }

    /// Asks for it. No answer is a refusal: each would be a fault of this script.
    pub(super) async fn ask(self, bank: &Bank) -> Result<(), Error> {
        let context = clerk();
        if self.is_seal() {
            return bank.seal(context).await.map(drop);
        }
        let batch = self.instructions();
        if let [one] = batch.instructions() {
            return bank.instruct(context, one.clone()).await.map(drop);
        }
        for outcome in bank.post_many(context, &batch).await? {
            let _ = outcome?;
        }
        Ok(())
    }
}
