//! Rows beside the ledger as the journal leaves them: the version and digest of the latest write.

use hashbrown::HashMap;

use super::difference::Difference;
use super::found::Found;
use crate::ledger::{EntityRef, EntityWritten};

#[derive(Debug)]
struct Fold {
    version: u64,
    digest: [u8; 32],
    checked: bool,
}

/// All rows of the journal: about 100 bytes each.
#[derive(Debug, Default)]
pub(super) struct Entities {
    rows: HashMap<EntityRef, Fold>,
    checked: u64,
}

impl Entities {
    pub(super) const fn checked(&self) -> u64 {
        self.checked
    }

    /// Folds a write. Versions go up by one.
    pub(super) fn write(&mut self, written: &EntityWritten, position: u64, found: &mut Found) {
        let EntityWritten { entity, version, digest, .. } = written;
        let before = self.rows.get(entity).map_or(0, |fold| fold.version);
        if before.checked_add(1) != Some(*version) {
            let (entity, found_version) = (*entity, *version);
            found.report(Difference::EntityVersion {
                entity,
                position,
                before,
                found: found_version,
            });
        }
        let fold = Fold { version: *version, digest: *digest, checked: false };
        self.rows.insert(*entity, fold);
    }

    /// Compares a row.
    pub(super) fn check(
        &mut self,
        entity: EntityRef,
        version: u64,
        digest: &[u8; 32],
        found: &mut Found,
    ) {
        let Some(fold) = self.rows.get_mut(&entity) else {
            found.report(Difference::UnknownEntity { entity });
            return;
        };
        self.checked = self.checked.saturating_add(1);
        fold.checked = true;
        if fold.version != version || fold.digest != *digest {
            found.report(Difference::EntityDiffers { entity });
        }
    }

    pub(super) fn unchecked(&self) -> Vec<EntityRef> {
        let left = self.rows.iter().filter(|(_, fold)| !fold.checked);
        let mut left: Vec<EntityRef> = left.map(|(entity, _)| *entity).collect();
        left.sort_unstable();
        left
    }
}
