-- view customers
SELECT {uuid c.id} AS id,
    {text c.body number} AS customer_number,
    {text c.body kind.PERSON.STRUCTURED.first} AS first_name,
    {text c.body kind.PERSON.STRUCTURED.last} AS last_name,
    {text c.body email} AS email,
    {text c.body phone} AS phone,
    {date c.body date_of_birth} AS date_of_birth,
    {lines newline} AS address,
    {text c.body address.city} AS city,
    COALESCE({country {text c.body address.country.CODE}}, {text c.body address.country.WRITTEN}) AS country,
    {text c.body occupation} AS occupation,
    {text c.body income_range} AS income_range,
    {label customer_kyc {kyc}} AS kyc_status,
    {label customer_status {standing}} AS status,
    {time c.body created_at} AS created_at,
    {time c.body updated_at} AS updated_at
FROM {customers}
-- view accounts
SELECT {uuid e.id} AS id,
    {text e.body number} AS account_number,
    {uuid a.customer} AS customer_id,
    {label account_type {text e.body kind}} AS account_type,
    a.currency AS currency,
    {label account_status {text e.body status}} AS status,
    {time e.body created_at} AS created_at,
    {time e.body updated_at} AS updated_at
FROM {accounts} AND {text e.body ownership.kind} = 'INDIVIDUAL'
-- view kyc_documents
SELECT {cast_uuid {text k.value id}} AS id,
    {uuid f.id} AS customer_id,
    {label document_kind {text k.value kind}} AS document_type,
    {text k.value number.masked} AS document_number,
    {text k.value uri} AS file_path,
    {label document_status {text k.value status}} AS status,
    {user {text k.value reviewed_by}} AS verified_by,
    {text k.value rejection_reason} AS rejection_reason,
    {midnight {text k.value expires_on}} AS expires_at,
    {time k.value uploaded_at} AS created_at,
    COALESCE({time k.value reviewed_at}, {time k.value uploaded_at}) AS updated_at
FROM ~entity AS f CROSS JOIN {each k f.body documents} WHERE f.kind = 'kyc_file'
-- view balances
SELECT {uuid a.id} AS account_id,
    {amount {ledger}} AS ledger_balance,
    {amount {available}} AS available_balance,
    {time e.body updated_at} AS updated_at
FROM {accounts}
-- view transactions
SELECT {uuid r.id} AS id,
    COALESCE(d.reference, {uuid_text r.id}) AS transaction_id,
    {side >} AS from_account_id,
    {side <} AS to_account_id,
    {amount ABS(n.amount)} AS amount,
    a.currency AS currency,
    {label transaction_kind r.kind} AS transaction_type,
    {text d.words description} AS description,
    {label transaction_status {state}} AS status,
    {instant {posted}} AS created_at,
    {instant {posted}} AS processed_at
FROM {entries} AND NOT EXISTS (SELECT 1 FROM ~entry AS x JOIN ~account AS y ON y.key = x.account
    WHERE x.seq BETWEEN (r.place << 12) AND (r.place << 12) + 4095 AND y.guarded = 1
    AND (x.seq < n.seq OR (x.seq > n.seq AND (x.amount > 0) = (n.amount > 0)) OR ABS(x.amount) <> ABS(n.amount)))
-- view entries
SELECT {entry} AS id,
    {uuid r.id} AS transaction_id,
    {uuid a.id} AS account_id,
    CASE WHEN n.amount > 0 THEN 'DEBIT' ELSE 'CREDIT' END AS entry_type,
    {amount ABS(n.amount)} AS amount,
    {instant {posted}} AS created_at
FROM {all_entries}
