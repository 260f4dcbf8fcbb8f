//! Answers of screenings, recorded.

use super::Decided;
use super::standing::changed;
use crate::id::ScreeningId;
use crate::kyc::screening::tightened;
use crate::kyc::{KycFile, Refusal, Screening, ScreeningAnswer, Standing};
use crate::ledger::facts::Moment;
use crate::ledger::{EventCode, FieldChange, FieldName};

/// What an answer changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screened {
    /// The file, with the answer.
    pub file: Decided<KycFile>,
    /// The standing, if the answer moves it.
    pub standing: Option<Decided<Standing>>,
}

/// Records an answer and lets it tighten the standing. `None` if it was recorded before: under this
/// id, or under another as the same finding of the same provider. So a finding that staff has
/// looked into does not come back by itself as long as it is kept in the file.
///
/// # Errors
/// [`Refusal::ScreeningIdReused`].
pub fn decide_screening(
    file: &KycFile,
    standing: &Standing,
    id: ScreeningId,
    answer: &ScreeningAnswer,
    moment: Moment,
) -> Result<Option<Screened>, Refusal> {
    if let Some(known) = file.screenings.iter().find(|known| known.id == id) {
        let same = known.answer == *answer;
        return if same { Ok(None) } else { Err(Refusal::ScreeningIdReused { screening: id }) };
    }
    let same_finding = |known: &Screening| {
        (known.kind, known.outcome) == (answer.kind, answer.outcome)
            && known.provider == answer.provider
            && known.reference == answer.reference
    };
    if file.screenings.iter().any(same_finding) {
        return Ok(None);
    }
    let mut new = file.clone();
    new.keep(Screening { id, answer: answer.clone(), recorded_at: moment.now });
    let changes = vec![FieldChange::of(FieldName::known("screenings"))];
    let file = Decided { new, event: EventCode::known("kyc.screened"), changes };
    let event = EventCode::known("standing.screened");
    Ok(Some(Screened { file, standing: changed(standing, tightened(standing, answer), event) }))
}
