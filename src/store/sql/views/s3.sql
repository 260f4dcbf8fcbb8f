-- view users
SELECT {uuid c.id} AS id,
    {text c.body email} AS email,
    '!' AS password_hash,
    {text c.body kind.PERSON.STRUCTURED.first} AS first_name,
    {text c.body kind.PERSON.STRUCTURED.last} AS last_name,
    {text c.body phone} AS phone_number,
    {label customer_status {standing}} = 'true' AS is_active,
    {timetz c.body created_at} AS created_at,
    {timetz c.body updated_at} AS updated_at
FROM {customers}
-- view accounts
SELECT {uuid e.id} AS id,
    {uuid a.customer} AS user_id,
    {text e.body number} AS account_number,
    {label account_type {text e.body kind}} AS account_type,
    {amount {ledger}} AS balance,
    a.currency AS currency,
    {label account_status {text e.body status}} = 'true' AS is_active,
    {timetz e.body created_at} AS created_at,
    {timetz e.body updated_at} AS updated_at
FROM {accounts} AND {text e.body ownership.kind} = 'INDIVIDUAL'
-- view transactions
SELECT {entry} AS id,
    {uuid a.id} AS account_id,
    {amount -n.amount} AS amount,
    {label transaction_kind r.kind} AS type,
    COALESCE({text d.words description}, '') AS description,
    CAST(NULL AS TEXT) AS category,
    {label transaction_status {state}} AS status,
    d.reference AS reference,
    {metadata} AS metadata,
    {instanttz {posted}} AS created_at
FROM {entries}
