-- view CUSTOMER
SELECT {uuid c.id} AS customer_id,
    {text c.body kind.PERSON.STRUCTURED.first} AS first_name,
    {text c.body kind.PERSON.STRUCTURED.last} AS last_name,
    {text c.body email} AS email,
    {text c.body phone} AS phone,
    {text c.body address.lines.0} AS address_line1,
    {text c.body address.lines.1} AS address_line2,
    {text c.body address.city} AS city,
    {text c.body address.region} AS state,
    {text c.body address.postal_code} AS zip_code,
    {time c.body created_at} AS created_at,
    {time c.body updated_at} AS updated_at
FROM ~entity AS c WHERE c.kind = 'customer'
-- view ACCOUNT
SELECT {uuid e.id} AS account_id,
    {uuid a.customer} AS customer_id,
    {label account_type {text e.body kind}} AS account_type,
    {amount {ledger}} AS balance,
    {label account_status {text e.body status}} AS status,
    {date e.body opened_on} AS opened_at,
    {date e.body closed_on} AS closed_at
FROM {accounts} AND a.currency = 'USD' AND {text e.body ownership.kind} = 'INDIVIDUAL'
-- view TRANSACTION
SELECT {entry} AS transaction_id,
    {uuid a.id} AS account_id,
    {amount -n.amount} AS amount,
    {label transaction_kind r.kind} AS transaction_type,
    {text d.words description} AS description,
    {instant {posted}} AS created_at
FROM {entries} AND a.currency = 'USD'
-- view TRANSFER_METADATA
SELECT {uuid r.id} AS transfer_id,
    {entry} AS from_transaction_id,
    {entry o} AS to_transaction_id,
    {instant {posted}} AS initiated_at,
    {instant {posted}} AS completed_at
FROM {pairs} AND a.currency = 'USD' AND n.amount > 0
    AND (SELECT COUNT(*) FROM ~entry AS x JOIN ~account AS y ON y.key = x.account
        WHERE x.seq BETWEEN (r.place << 12) AND (r.place << 12) + 4095 AND y.guarded = 1) = 2
