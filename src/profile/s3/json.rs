//! 003's collections: user documents and metadata of transactions (S3-016, S3-017, S3-019, S3-020).
//! `_id` is MongoDB's own and left to it.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::id::{CustomerId, DocumentId, TransactionId};
use crate::kyc::{Document, DocumentUri, KycFile, MimeType};
use crate::ledger::Text;
use crate::locale::LanguageTag;
use crate::party::{Code, Customer, Line, Notifications, Preferences};
use crate::profile::document::bare_of;
use crate::profile::export::Coded;
use crate::profile::{Loss, LossKind, Profile, Refusal};
use crate::time::Timestamp;

const USERS: &str = "user_documents";
const METADATA: &str = "transaction_metadata";

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

/// Where a request came from.
#[derive(Clone, PartialEq, Eq)]
pub struct Geolocation {
    /// The latitude, in degrees from -90 to 90.
    pub lat: Decimal,
    /// The longitude, in degrees from -180 to 180.
    pub lng: Decimal,
    /// The address there.
    pub address: Option<Text>,
}

/// Where somebody was is nobody's business.
impl fmt::Debug for Geolocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Geolocation(***)")
    }
}

/// The device that a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// What it is.
    pub kind: Option<Text>,
    /// Its operating system.
    pub os: Option<Text>,
    /// Its browser.
    pub browser: Option<Text>,
}

/// What is attached to a transaction (S3-020).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The name of the file.
    pub filename: Text,
    /// Where its bytes lie.
    pub url: DocumentUri,
    /// What they are.
    pub mime: MimeType,
    /// How many.
    pub size: u64,
    /// When it was attached.
    pub uploaded_at: Timestamp,
}

/// What stands beside a row of `transactions` (S3-019, S3-020; A3 TRANSACTION_CONTEXT).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionContext {
    /// The transaction.
    pub transaction: TransactionId,
    /// Where the request came from.
    pub geolocation: Option<Geolocation>,
    /// From what device.
    pub device: Option<Device>,
    /// How risky it was found, with at most four decimals.
    pub risk_score: Option<Decimal>,
    /// Tags.
    pub tags: Vec<Text>,
    /// Notes.
    pub notes: Option<Text>,
    /// What is attached.
    pub attachments: Vec<Attachment>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl TransactionContext {
    /// Of a transaction, with nothing in it.
    #[must_use]
    pub const fn new(transaction: TransactionId, at: Timestamp) -> Self {
        Self {
            transaction,
            geolocation: None,
            device: None,
            risk_score: None,
            tags: Vec::new(),
            notes: None,
            attachments: Vec::new(),
            created_at: at,
            updated_at: at,
        }
    }

    /// As JSON. It says all.
    ///
    /// # Errors
    /// [`Refusal::ValueMalformed`] for a place that is not on earth, or numbers of more decimals
    /// than JSON keeps exactly.
    pub fn to_json(&self) -> Result<Value, Refusal> {
        let text = |text: &Option<Text>| text.as_ref().map(|one| one.as_str().into());
        let place = |one: &Geolocation| {
            let lat = number("lat", one.lat, 90)?;
            let lng = number("lng", one.lng, 180)?;
            let address = text(&one.address);
            Ok(object([("lat", Some(lat)), ("lng", Some(lng)), ("address", address)]))
        };
        let geolocation = self.geolocation.as_ref().map(place).transpose()?;
        let device = self.device.as_ref().map(|one| {
            let parts = [("type", &one.kind), ("os", &one.os), ("browser", &one.browser)];
            object(parts.map(|(key, value)| (key, text(value))))
        });
        let risk =
            self.risk_score.map(|score| number("riskScore", score, 1_000_000)).transpose()?;
        let tags: Vec<Value> = self.tags.iter().map(|one| one.as_str().into()).collect();
        let metadata = object([
            ("geolocation", geolocation),
            ("device", device),
            ("riskScore", risk),
            ("tags", Some(tags.into())),
            ("notes", text(&self.notes)),
        ]);
        let attachment = |one: &Attachment| {
            json!({
                "filename": one.filename.as_str(), "url": one.url.as_str(),
                "type": one.mime.as_str(), "size": one.size,
                "uploadedAt": one.uploaded_at.to_string(),
            })
        };
        Ok(json!({
            "transactionId": self.transaction.to_string(),
            "metadata": metadata,
            "attachments": self.attachments.iter().map(attachment).collect::<Vec<_>>(),
            "createdAt": self.created_at.to_string(),
            "updatedAt": self.updated_at.to_string(),
        }))
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Refusal`]: a field that is unknown, missing or malformed.
    pub fn from_json(json: &Value) -> Result<Self, Refusal> {
        let from = Object::new(METADATA, "transactionId", json)?;
        let keys = ["_id", "transactionId", "metadata", "attachments", "createdAt", "updatedAt"];
        from.only(&keys)?;
        let id = from.text_of("transactionId", |text| text.parse().map_err(|_| "id"))?;
        let mut context = Self::new(id, from.time_of("createdAt")?);
        context.updated_at = from.time_of("updatedAt")?;
        if let Some(metadata) = from.object("metadata")? {
            metadata.only(&["geolocation", "device", "riskScore", "tags", "notes"])?;
            context.geolocation = geolocation(&metadata)?;
            context.device = device(&metadata)?;
            context.risk_score = metadata.number("riskScore", 1_000_000)?;
            context.notes = metadata.coded("notes", Text::new)?;
            for tag in metadata.array("tags")? {
                let tag = tag.as_str().and_then(|text| Text::new(text).ok());
                context.tags.push(tag.ok_or_else(|| metadata.malformed("tags", "tag"))?);
            }
        }
        for one in from.array("attachments")? {
            context.attachments.push(attachment(&Object::new(METADATA, "attachments", one)?)?);
        }
        Ok(context)
    }
}

fn geolocation(from: &Object<'_>) -> Result<Option<Geolocation>, Refusal> {
    let Some(from) = from.object("geolocation")? else { return Ok(None) };
    from.only(&["lat", "lng", "address"])?;
    let need = |key, bound| from.number(key, bound)?.ok_or_else(|| from.malformed(key, "missing"));
    let (lat, lng) = (need("lat", 90)?, need("lng", 180)?);
    Ok(Some(Geolocation { lat, lng, address: from.coded("address", Text::new)? }))
}

fn device(from: &Object<'_>) -> Result<Option<Device>, Refusal> {
    let Some(from) = from.object("device")? else { return Ok(None) };
    from.only(&["type", "os", "browser"])?;
    let text = |key| from.coded(key, Text::new);
    Ok(Some(Device { kind: text("type")?, os: text("os")?, browser: text("browser")? }))
}

fn attachment(from: &Object<'_>) -> Result<Attachment, Refusal> {
    from.only(&["filename", "url", "type", "size", "uploadedAt"])?;
    let filename =
        from.text_of("filename", |text| Text::new(text).map_err(|error| error.code()))?;
    let url = from.text_of("url", |text| DocumentUri::new(text).map_err(|error| error.code()))?;
    let mime = from.text_of("type", |text| MimeType::new(text).map_err(|error| error.code()))?;
    let size = from.value("size").and_then(Value::as_u64);
    let size = size.ok_or_else(|| from.malformed("size", "size"))?;
    Ok(Attachment { filename, url, mime, size, uploaded_at: from.time_of("uploadedAt")? })
}

/// An object of the fields that are there.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let there = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(there.collect())
}

/// A number that JSON keeps exactly: within its bound, at most seven decimals.
fn number(column: &'static str, number: Decimal, bound: i64) -> Result<Value, Refusal> {
    let malformed = Refusal::ValueMalformed { table: METADATA, column, why: "number" };
    let normal = number.normalize();
    if normal.abs() > Decimal::from(bound) || normal.scale() > 7 {
        return Err(malformed);
    }
    serde_json::from_str(&normal.to_string()).map_err(|_| malformed)
}

/// An object that is read.
struct Object<'a> {
    table: &'static str,
    fields: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    fn new(table: &'static str, column: &'static str, value: &'a Value) -> Result<Self, Refusal> {
        let malformed = Refusal::ValueMalformed { table, column, why: "object" };
        Ok(Self { table, fields: value.as_object().ok_or(malformed)? })
    }

    const fn malformed(&self, column: &'static str, why: &'static str) -> Refusal {
        Refusal::ValueMalformed { table: self.table, column, why }
    }

    fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        match self.fields.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(Refusal::ColumnUnknown { table: self.table, column: key.clone() }),
            None => Ok(()),
        }
    }

    fn value(&self, key: &str) -> Option<&'a Value> {
        self.fields.get(key).filter(|value| !value.is_null())
    }

    fn object(&self, key: &'static str) -> Result<Option<Self>, Refusal> {
        self.value(key).map(|value| Self::new(self.table, key, value)).transpose()
    }

    fn array(&self, key: &'static str) -> Result<&'a [Value], Refusal> {
        match self.value(key) {
            None => Ok(&[]),
            Some(Value::Array(all)) => Ok(all),
            Some(_) => Err(self.malformed(key, "array")),
        }
    }

    fn flag(&self, key: &'static str) -> Result<Option<bool>, Refusal> {
        let flag = |value: &Value| value.as_bool().ok_or_else(|| self.malformed(key, "boolean"));
        self.value(key).map(flag).transpose()
    }

    fn text_of<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<T, Refusal> {
        let (table, column) = (self.table, key);
        let value = self.value(key).ok_or(Refusal::ValueMissing { table, column })?;
        let text = value.as_str().ok_or_else(|| self.malformed(key, "text"))?;
        parse(text).map_err(|why| self.malformed(key, why))
    }

    fn coded<T, E: Coded>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Refusal> {
        if self.value(key).is_none() {
            return Ok(None);
        }
        self.text_of(key, |text| parse(text).map_err(|error| error.why())).map(Some)
    }

    fn time_of(&self, key: &'static str) -> Result<Timestamp, Refusal> {
        self.text_of(key, |text| text.parse().map_err(|_| "instant"))
    }

    fn number(&self, key: &'static str, bound: i64) -> Result<Option<Decimal>, Refusal> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let text = value.as_number().map(ToString::to_string).unwrap_or_default();
        let read = Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text));
        let read = read.map_err(|_| self.malformed(key, "number"))?.normalize();
        number(key, read, bound).map_err(|_| self.malformed(key, "number")).map(|_| Some(read))
    }
}
