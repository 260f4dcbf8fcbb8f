//! 003's user documents (S3-005, S3-016, S3-017). `_id` is MongoDB's own and left to it.

use serde_json::{Value, json};

use super::json::{Object, object};
use crate::id::{CustomerId, DocumentId};
use crate::kyc::{Document, DocumentUri, KycFile};
use crate::locale::LanguageTag;
use crate::party::{Code, Customer, Line, Notifications, Preferences};
use crate::profile::document::bare_of;
use crate::profile::{Loss, LossKind, Profile, Refusal};
use crate::time::Timestamp;

const USERS: &str = "user_documents";

/// A document of JSON, and what it does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportedJson {
    /// The document.
    pub json: Value,
    /// What it does not say as it is.
    pub losses: Vec<Loss>,
}

/// What stands beside a row of `users`: profile, preferences, documents (S3-016, S3-017).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserDocument {
    /// Whose it is.
    pub customer: CustomerId,
    /// Picture, theme, notifications.
    pub preferences: Preferences,
    /// The language.
    pub language: LanguageTag,
    /// The documents. One that was read has an id that is made of the customer's and its place.
    pub documents: Vec<Document>,
    /// What the document kept of the user's doings (S3-018), as it stood there. The bank's journal
    /// is not written to it.
    pub audit: Vec<Value>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl UserDocument {
    /// The user document of a customer.
    #[must_use]
    pub fn of(customer: &Customer, file: &KycFile) -> Self {
        Self {
            customer: customer.id,
            preferences: customer.preferences.clone(),
            language: customer.language,
            documents: file.documents.clone(),
            audit: Vec::new(),
            created_at: customer.created_at,
            updated_at: customer.updated_at,
        }
    }

    /// As JSON.
    ///
    /// # Errors
    /// [`Refusal`]: what the document cannot say.
    pub fn to_json(&self) -> Result<ExportedJson, Refusal> {
        let (mut losses, mut documents) = (Vec::new(), Vec::new());
        let mut lose = |is: bool, field, kind| {
            let loss = Loss { field, kind };
            if is && !losses.contains(&loss) {
                losses.push(loss);
            }
        };
        for one in &self.documents {
            let (label, exact) = match Profile::S3.document_status() {
                Some(labels) => labels.say(one.status)?,
                None => ("false".into(), false),
            };
            let kind = match Profile::S3.document_kind() {
                Some(labels) => labels.say(one.kind)?.0,
                None => one.kind.to_string().into(),
            };
            lose(!exact, "documents.verified", LossKind::FellBack);
            lose(one.number.is_some(), "documents.number", LossKind::LeftOut);
            lose(one.sha256.is_some(), "documents.sha256", LossKind::LeftOut);
            lose(one.expires_on.is_some(), "documents.expires_on", LossKind::LeftOut);
            documents.push(json!({
                "type": kind,
                "url": one.uri.as_str(),
                "verified": label == "true",
                "uploadedAt": one.uploaded_at.to_string(),
            }));
        }
        let wishes = &self.preferences;
        lose(!wishes.communication.is_empty(), "preferences.communication", LossKind::LeftOut);
        let notifications = wishes
            .notifications
            .map(|one| json!({ "email": one.email, "sms": one.sms, "push": one.push }));
        let preferences = object([
            ("theme", wishes.theme.as_ref().map(|one| one.as_str().into())),
            ("language", Some(self.language.as_str().into())),
            ("notifications", notifications),
        ]);
        let profile = object([
            ("avatar", wishes.avatar.as_ref().map(|one| one.as_str().into())),
            ("preferences", Some(preferences)),
        ]);
        let json = json!({
            "userId": self.customer.to_string(),
            "profile": profile,
            "documents": documents,
            "auditLog": self.audit,
            "createdAt": self.created_at.to_string(),
            "updatedAt": self.updated_at.to_string(),
        });
        Ok(ExportedJson { json, losses })
    }

    /// Reads a user document.
    ///
    /// # Errors
    /// [`Refusal`]: a field that is unknown, missing or malformed.
    pub fn from_json(json: &Value) -> Result<Self, Refusal> {
        let from = Object::new(USERS, "userId", json)?;
        from.only(&[
            "_id",
            "userId",
            "profile",
            "documents",
            "auditLog",
            "createdAt",
            "updatedAt",
        ])?;
        let customer: CustomerId = from.text_of("userId", |text| text.parse().map_err(|_| "id"))?;
        let (mut preferences, mut language) = (Preferences::default(), LanguageTag::ENGLISH);
        if let Some(profile) = from.object("profile")? {
            profile.only(&["avatar", "preferences"])?;
            preferences.avatar = profile.coded("avatar", Line::new)?;
            if let Some(wishes) = profile.object("preferences")? {
                wishes.only(&["theme", "language", "notifications"])?;
                preferences.theme = wishes.coded("theme", Code::new)?;
                language = wishes.coded("language", str::parse)?.unwrap_or(language);
                preferences.notifications = notifications(&wishes)?;
            }
        }
        let created_at = from.time_of("createdAt")?;
        let mut documents = Vec::new();
        for (at, one) in (1_u128..).zip(from.array("documents")?) {
            let one = Object::new(USERS, "documents", one)?;
            // There is no id in it: one is made of the customer's and the place.
            let id = DocumentId::from_u128(customer.as_u128() ^ at);
            documents.push(document(&one, id)?);
        }
        let audit = from.array("auditLog")?.to_vec();
        let updated_at = from.time_of("updatedAt")?;
        Ok(Self { customer, preferences, language, documents, audit, created_at, updated_at })
    }
}

fn notifications(from: &Object<'_>) -> Result<Option<Notifications>, Refusal> {
    let Some(from) = from.object("notifications")? else { return Ok(None) };
    from.only(&["email", "sms", "push"])?;
    let flag = |key| from.flag(key).map(Option::unwrap_or_default);
    Ok(Some(Notifications { email: flag("email")?, sms: flag("sms")?, push: flag("push")? }))
}

fn document(from: &Object<'_>, id: DocumentId) -> Result<Document, Refusal> {
    from.only(&["type", "url", "verified", "uploadedAt"])?;
    let label = from.text_of("type", |text| Ok(text.to_owned()))?;
    let kind = match Profile::S3.document_kind() {
        Some(labels) => labels.read(&label)?,
        None => return Err(from.malformed("type", "document_kind_unknown")),
    };
    let uri = from.text_of("url", |text| DocumentUri::new(text).map_err(|error| error.code()))?;
    let at = from.time_of("uploadedAt")?;
    let unknown = from.malformed("type", "document_unknown");
    let mut document = bare_of(id, kind, uri, at).ok_or(unknown)?;
    let verified = from.flag("verified")?.unwrap_or_default();
    document.status = crate::kyc::KycStatus::from_verified(verified);
    Ok(document)
}
