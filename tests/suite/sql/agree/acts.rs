//! What is asked: the moves of the model, dressed in words, and what the model does not know.

use corebank::bank::{Context, Error};
use corebank::id::{AccountId, HoldId, LimitId, TransactionId};
use corebank::ledger::{
    AccountChange, Batch, Block, Channel, ChartNode, IdempotencyKey, Instruction, Kind, Labels,
    LimitRule, LimitScope, NewAccount, NewTransaction, Outcome, Side, Window,
};
use corebank::money::Money;
use corebank::time::Timestamp;
use uuid::Uuid;

use crate::model::{
    Change, DAY, HOUR, Item, Move, Request, START, Step, USD, account_id, context, currency, date,
    floor, hold_id, limit_id, rule,
};

use super::words::{PAIRS, correlation, dress, dressed, pairs, reference, text};
use super::{Three, chart, code};

impl Three {
    /// A context with a correlation and a key, now and then.
    fn context(&mut self, channel: u8) -> Context {
        let mut context = context(channel);
        if self.random.once_in(4) {
            context = context.with_correlation(correlation(self.random.next()));
        }
        if self.random.once_in(6) {
            let key = format!("key-{}-É", self.random.below(60));
            context = context.with_idempotency_key(IdempotencyKey::new(&key).unwrap());
        }
        context
    }

    pub(super) async fn walk(&mut self, next: &Move) {
        match next {
            Move::Batch(channel, drafts) => {
                let (now, holds) = (self.now, &self.holds);
                let held = |hold| holds.get(&hold).cloned();
                let drafts = drafts.iter().map(|draft| self.drafts.draft(draft, now, &held));
                let items: Vec<Item> = drafts.collect();
                self.post(*channel, &items).await;
            }
            Move::Other(step) => self.step(step).await,
        }
    }

    async fn post(&mut self, channel: u8, items: &[Item]) {
        let mut batch = Batch::new();
        for item in items {
            let twist = u64::from(self.random.once_in(40));
            let dressed = item.requests.iter().map(|request| dress(request, twist));
            if item.group {
                batch.push_group(dressed.collect::<Vec<_>>());
            } else {
                for one in dressed {
                    batch.push(one);
                }
            }
        }
        let context = self.context(channel);
        if self.random.once_in(12) {
            let ask = (&context, &batch);
            let _ = self
                .same("dry run", |bank| async move { bank.dry_run().post_many(ask.0, ask.1).await })
                .await;
        }
        let requests: Vec<&Request> = items.iter().flat_map(|item| &item.requests).collect();
        self.submit(&context, &batch, &requests).await;
    }

    /// Posts a batch; the requests are those of the model, if it is made of them.
    async fn submit(&mut self, context: &Context, batch: &Batch, requests: &[&Request]) {
        let answered = self
            .same(format!("{batch:#?}"), |bank| async move { bank.post_many(context, batch).await })
            .await;
        let Ok(outcomes) = answered else { return self.note("refused as a whole") };
        for (at, (instruction, outcome)) in batch.instructions().iter().zip(&outcomes).enumerate() {
            let what = match instruction {
                Instruction::Post(_) => "post",
                Instruction::Hold(_) => "hold",
                Instruction::Capture(_) => "capture",
                Instruction::Release(_) => "release",
                _ => "reverse",
            };
            self.note_outcome(what, outcome);
            if let (Some(Request::Hold { id, lines, .. }), Ok(Outcome::Applied(_))) =
                (requests.get(at), outcome)
            {
                self.holds.insert(*id, lines.clone());
            }
        }
    }

    async fn step(&mut self, step: &Step) {
        let context = &self.context(0);
        match step {
            Step::Batch { .. } => {}
            Step::Advance(nanos) => self.go_to(self.now + nanos),
            Step::Change(account, to) => {
                let to = match *to {
                    Change::Block(0) => AccountChange::Block(Block::None),
                    Change::Block(1) => AccountChange::Block(Block::Debits),
                    Change::Block(2) => AccountChange::Block(Block::Credits),
                    Change::Block(_) => AccountChange::Block(Block::All),
                    Change::Floor(policy, amount) => AccountChange::Floor(floor(policy, amount)),
                    Change::Ceiling(most) => AccountChange::Ceiling(most),
                    Change::Close => AccountChange::Close,
                    Change::Reopen => AccountChange::Reopen,
                };
                let id = account_id(*account);
                let changed = self
                    .same(format!("{step:?}"), |bank| async move {
                        bank.change_account(context, id, to).await
                    })
                    .await;
                self.note_outcome("change", &changed);
            }
            Step::ClosePeriod(day) => {
                // Not every time, or else nothing could be booked back.
                let day = if self.random.once_in(3) { *day } else { *day - 15 };
                let closed = self
                    .same("close_period", |bank| async move {
                        bank.close_period(context, date(day)).await
                    })
                    .await;
                self.note_outcome("close_period", &closed);
            }
            Step::SetLimit(limit) => self.set_limit(context, rule(limit)).await,
            Step::RemoveLimit(id) => self.remove_limit(context, limit_id(*id)).await,
            Step::Expire(most) => {
                let most = *most;
                let expired = self
                    .same("expire", |bank| async move { bank.expire_holds(context, most).await })
                    .await;
                match expired {
                    Ok(expired) if expired.is_empty() => self.note("nothing expired"),
                    Ok(_) => self.note("expired"),
                    Err(refusal) => self.note(refusal.code()),
                }
            }
        }
    }

    fn go_to(&mut self, now: i64) {
        self.now = now;
        self.clock.set(Timestamp::from_nanos(now));
        self.note("advance");
    }

    async fn set_limit(&mut self, context: &Context, rule: LimitRule) {
        let limit = &rule;
        let set = self
            .same(format!("{rule:?}"), |bank| async move {
                bank.set_limit(context, limit.clone()).await
            })
            .await;
        self.note_outcome("set_limit", &set);
    }

    async fn remove_limit(&mut self, context: &Context, id: LimitId) {
        let removed = self
            .same("remove_limit", |bank| async move { bank.remove_limit(context, id).await })
            .await;
        self.note(removed.err().map_or("remove_limit", |refusal| refusal.code()));
    }

    /// Does something that the model does not know.
    pub(super) async fn act(&mut self) {
        let context = &self.context(1);
        match self.random.below(24) {
            0..=9 => {
                let count = *self.random.pick(&[1, 1, 2, 5, 9]);
                let batch: Batch = (0..count).map(|_| self.payment()).collect();
                self.submit(context, &batch, &[]).await;
            }
            10 if self.random.once_in(3) => {
                let batch: Batch = (0..300).map(|_| self.payment()).collect();
                self.submit(context, &batch, &[]).await;
            }
            11..=13 => {
                let rule = self.rule();
                self.set_limit(context, rule).await;
            }
            14 | 15 => {
                let id = LimitId::from_u128(0x40 + u128::from(self.random.below(6)));
                self.remove_limit(context, id).await;
            }
            16 | 17 => self.close_year(context).await,
            18 => self.seal(context).await,
            19 => self.open_account(context).await,
            20 => self.define_chart(context).await,
            // A clock that goes on, or steps back.
            21 | 22 => {
                let by = self.random.between(-HOUR, HOUR);
                self.go_to((self.now + by).max(START));
            }
            _ => self.ask_for_one().await,
        }
    }

    /// A posting without an id, with dates and words, over all accounts.
    fn payment(&mut self) -> Instruction {
        // Unbounded ones on one side, mostly, and both in one currency.
        let (mut debit, mut credit, of) = *self.random.pick(&PAIRS);
        if self.random.once_in(20) {
            credit = account_id(0x10);
        }
        if self.random.once_in(8) {
            debit = *self.random.pick(&self.accounts);
        }
        if self.random.once_in(3) {
            (debit, credit) = (credit, debit);
        }
        let money = Money::new(self.random.between(1, 60), currency(of));
        let kind = *self.random.pick(&[Kind::TRANSFER, Kind::PAYMENT, Kind::FEE, Kind::INTEREST]);
        let mut new = NewTransaction::transfer(kind, debit, credit, money);
        let today = (self.now - START).div_euclid(DAY);
        let day = today + self.random.between(-8, 2);
        if self.random.once_in(2) {
            new = new.with_booking_date(date(day));
        }
        if self.random.once_in(4) {
            new = new.with_value_date(date(day + self.random.between(-9, 9)));
        }
        if self.random.once_in(5) {
            new = new.with_description(text(&format!("Rent 'of' \"{day}\" \\ % é")));
        }
        if self.random.once_in(3) {
            let id = 0x50_0000 + u128::from(self.random.below(9_000));
            new = new.with_id(TransactionId::from_u128(id));
        }
        let number = self.random.next();
        dressed!(new, number)
    }

    fn rule(&mut self) -> LimitRule {
        let random = &mut self.random;
        let (few, some, many) = (random.below(5), random.below(30), random.below(800));
        let window = [
            Window::Day,
            Window::Month,
            Window::RollingDays(1 + few as u16),
            Window::RollingDays(366),
            Window::RollingHours(1 + some as u16),
            Window::RollingHours(many as u16),
        ];
        let label = Uuid::from_u128(0xc0);
        let scope = [
            LimitScope::Global,
            LimitScope::Branch(label),
            LimitScope::EachBranch,
            LimitScope::Customer(label),
            LimitScope::EachCustomer,
            LimitScope::Account(account_id(0x16)),
            LimitScope::EachAccount(code("4000")),
            LimitScope::EachAccount(code("1900")),
            LimitScope::Channel(Channel::API),
            LimitScope::Kind(Kind::INTEREST),
        ];
        let side = *random.pick(&[Side::Debit, Side::Credit]);
        let id = LimitId::from_u128(0x40 + u128::from(random.below(6)));
        let (scope, window) = (*random.pick(&scope), *random.pick(&window));
        let mut rule = LimitRule::new(id, scope, side, currency(USD), window);
        if random.once_in(2) {
            rule = rule.with_amount(random.between(200, 2_000));
        }
        if random.once_in(2) {
            rule = rule.with_count(random.between(3, 40) as u32);
        }
        if random.once_in(6) {
            rule = rule.with_maximum(55).with_minimum(random.between(0, 3));
        }
        rule
    }

    async fn close_year(&mut self, context: &Context) {
        let today = (self.now - START).div_euclid(DAY);
        let through = date(today - self.random.between(0, 12));
        let all = [account_id(0x14), account_id(0x15)];
        let retained = &all[..if self.random.once_in(5) { 1 } else { 2 }];
        let closed =
            self.same("close_year", |bank| async move {
                bank.close_year(context, through, retained).await
            })
            .await;
        self.note_outcome("close_year", &closed);
    }

    async fn seal(&mut self, context: &Context) {
        self.same("seal", |bank| async move { bank.seal(context).await }).await.unwrap();
        self.note("seal");
        let id = TransactionId::from_u128(0x10_0000 + 1_001 + u128::from(self.random.below(50)));
        let _ = self.same("prove", |bank| async move { bank.prove(id).await }).await;
    }

    async fn open_account(&mut self, context: &Context) {
        let at = *self.random.pick(&["1000", "1900", "2000", "4100", "5000", "6000"]);
        let mut new = NewAccount::new(code(at), currency(USD));
        if self.random.once_in(2) {
            let id = AccountId::from_u128(0x60 + u128::from(self.random.below(20)));
            new = new.with_id(id);
        }
        if self.random.once_in(3) {
            new = new.with_ceiling(self.random.between(10, 500));
        }
        if self.random.once_in(3) {
            let labels = Labels { customer: Some(Uuid::from_u128(0xc1)), branch: None };
            new = new.with_labels(labels).with_name(text("Zoë O'Hara"));
        }
        let new = &new;
        let opened =
            self.same("open_account", |bank| async move {
                bank.open_account(context, new.clone()).await
            })
            .await;
        self.note_outcome("open_account", &opened);
        if let Ok(Outcome::Applied(account)) = opened {
            self.accounts.push(account);
        }
    }

    async fn define_chart(&mut self, context: &Context) {
        let mut nodes: Vec<ChartNode> = chart();
        let at = self.random.below(nodes.len() as u64) as usize;
        let one = nodes.remove(at);
        let new = format!("{}", 7_000 + self.random.below(6));
        let node = ChartNode::new(code(&new), one.class, Some(one.code), text("more"));
        let nodes = &if self.random.once_in(4) { vec![one] } else { vec![node] };
        let defined = self
            .same("define_chart", |bank| async move { bank.define_chart(context, nodes).await })
            .await;
        self.note_outcome("define_chart", &defined);
    }

    async fn ask_for_one(&mut self) {
        let number = self.random.between(1_000, 1_400) as u16;
        let hold: HoldId = hold_id(number);
        let id = TransactionId::from_u128(0x10_0000 + u128::from(number));
        let _ = self.same("transaction", |bank| async move { bank.transaction(id).await }).await;
        let _: Result<_, _> = self
            .same("hold", |bank| async move {
                let mut found = bank.hold_by_id(hold).await?;
                found.version = 0;
                Ok::<_, Error>(found)
            })
            .await;
        self.note("ask for one");
    }
}
