-- view CUSTOMER
SELECT {uuid c.id} AS customer_id,
    COALESCE({text c.body kind.PERSON.FULL}, {text c.body kind.ORGANISATION},
        {text c.body kind.PERSON.STRUCTURED.first}
        || COALESCE(' ' || {text c.body kind.PERSON.STRUCTURED.middle}, '')
        || ' ' || {text c.body kind.PERSON.STRUCTURED.last}) AS full_name,
    {date c.body date_of_birth} AS dob,
    substr({identity PAN index}, 1, 16) AS pan,
    {bytes {identity AADHAAR index}} AS aadhaar_hash,
    {text c.body phone} AS phone,
    {text c.body email} AS email,
    {text c.body language} AS preferred_language,
    {label customer_status {standing}} AS onboarding_status,
    {time c.body created_at} AS created_at,
    {time c.body updated_at} AS updated_at
FROM {customers}
-- view ACCOUNT
SELECT {uuid e.id} AS account_id,
    {uuid a.customer} AS customer_id,
    {text e.body number} AS account_number,
    {label account_type {text e.body kind}} AS account_type,
    (SELECT {text b.body code} FROM ~entity AS b WHERE b.kind = 'branch' AND b.id = a.branch) AS branch_code,
    a.currency AS currency,
    {label account_status {text e.body status}} AS status,
    {date e.body opened_on} AS opened_at,
    {date e.body closed_on} AS closed_at
FROM {accounts} AND {text e.body ownership.kind} = 'INDIVIDUAL'
-- view TRANSACTION
SELECT {entry} AS txn_id,
    {uuid a.id} AS account_id,
    COALESCE({label transaction_kind r.kind}, upper(r.kind)) AS txn_type,
    {amount -n.amount} AS amount,
    a.currency AS currency,
    {instant {posted}} AS posted_at,
    {day r.value_day} AS value_date,
    {label transaction_status {state}} AS status,
    d.reference AS reference,
    {label channel {origin channel}} AS channel,
    {origin correlation} AS correlation_id
FROM {entries}
-- view KYC_DOCUMENT
SELECT {cast_uuid {text k.value id}} AS id,
    {uuid f.id} AS customer_id,
    upper({text k.value kind}) AS document_type,
    {text k.value number.masked} AS document_number,
    {text k.value uri} AS uri,
    {bytes {text k.value sha256}} AS sha256,
    {text k.value mime} AS mime,
    CAST({text k.value size} AS BIGINT) AS size,
    {label document_status {text k.value status}} AS status,
    {user {text k.value reviewed_by}} AS verified_by,
    {text k.value rejection_reason} AS rejection_reason,
    {midnight {text k.value expires_on}} AS expires_at,
    {user {text k.value uploaded_by}} AS uploaded_by,
    {time k.value reviewed_at} AS reviewed_at,
    CAST({text k.value version} AS INTEGER) AS version,
    {text k.value legal_hold} IN {yes} AS legal_hold,
    {date k.value retain_until} AS retain_until,
    {time k.value uploaded_at} AS created_at
FROM ~entity AS f CROSS JOIN {each k f.body documents} WHERE f.kind = 'kyc_file'
