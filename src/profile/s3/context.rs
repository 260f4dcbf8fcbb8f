//! 003's metadata of transactions (S3-006, S3-019, S3-020). `_id` is MongoDB's own and left to it.

use std::fmt;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::json::{Object, number, object};
use crate::id::TransactionId;
use crate::kyc::{DocumentUri, MimeType};
use crate::ledger::Text;
use crate::profile::Refusal;
use crate::time::Timestamp;

const METADATA: &str = "transaction_metadata";

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
            let lat = number(METADATA, "lat", one.lat, 90)?;
            let lng = number(METADATA, "lng", one.lng, 180)?;
            let address = text(&one.address);
            Ok(object([("lat", Some(lat)), ("lng", Some(lng)), ("address", address)]))
        };
        let geolocation = self.geolocation.as_ref().map(place).transpose()?;
        let device = self.device.as_ref().map(|one| {
            let parts = [("type", &one.kind), ("os", &one.os), ("browser", &one.browser)];
            object(parts.map(|(key, value)| (key, text(value))))
        });
        let risk = self
            .risk_score
            .map(|score| number(METADATA, "riskScore", score, 1_000_000))
            .transpose()?;
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
