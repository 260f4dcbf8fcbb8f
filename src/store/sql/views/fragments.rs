//! Parts that several views have in common, as templates.

use super::Dialect;

/// Entries of a record, as `x` with their accounts `y`.
const OF_RECORD: &str = "~entry AS x JOIN ~account AS y ON y.key = x.account \
    WHERE x.seq BETWEEN (r.place << 12) AND (r.place << 12) + 4095";
/// Entries `n` with account `a`, record `r`, unit `u` and detail `d`.
const ENTRIES: &str = "~entry AS n JOIN ~account AS a ON a.key = n.account \
    JOIN ~record AS r ON r.place = (n.seq >> 12) JOIN ~unit AS u ON u.number = (r.place >> 14) \
    LEFT JOIN ~detail AS d ON d.place = r.place";
/// Of transactions that stand in the journal, in currencies with two decimals.
const SHOWN: &str = "WHERE u.first_position IS NOT NULL AND r.kind IS NOT NULL AND a.exponent = 2";
/// The kinds that are credits by themselves in 001, and all that it says.
const CREDITS: &str = "('credit', 'deposit', 'interest')";
const SAID: &str = "('debit', 'credit', 'transfer', 'payment', 'bill_payment', 'withdrawal', \
    'deposit', 'fee', 'interest')";

/// The template of a fragment; none if there is no such.
pub(super) fn fragment(word: &str, rest: &str, dialect: Dialect) -> Option<String> {
    rows(word)
        .or_else(|| money(word))
        .or_else(|| people(word, rest, dialect))
        .or_else(|| moved(word, rest, dialect))
}

/// What views read from.
fn rows(word: &str) -> Option<String> {
    Some(match word {
        "customers" => "~entity AS c \
            LEFT JOIN ~entity AS s ON s.id = c.id AND s.kind = 'standing' \
            LEFT JOIN ~entity AS f ON f.id = c.id AND f.kind = 'kyc_file' WHERE c.kind = 'customer'"
            .to_owned(),
        "accounts" => "~entity AS e JOIN ~account AS a ON a.id = e.id \
            WHERE e.kind = 'account' AND a.exponent = 2"
            .to_owned(),
        "entries" => format!("{ENTRIES} {SHOWN} AND a.guarded = 1"),
        "all_entries" => format!("{ENTRIES} {SHOWN}"),
        "pairs" => format!(
            "{ENTRIES} JOIN ~entry AS o ON o.seq BETWEEN (r.place << 12) AND (r.place << 12) + 4095 \
             AND (o.amount > 0) <> (n.amount > 0) \
             JOIN ~account AS b ON b.key = o.account AND b.guarded = 1 {SHOWN} AND a.guarded = 1"
        ),
        _ => return None,
    })
}

/// Balances of the account `a`, in minor units.
fn money(word: &str) -> Option<String> {
    let normal = |debit: &str, credit: &str| {
        format!("(CASE WHEN a.class IN (0, 4) THEN {debit} ELSE {credit} END)")
    };
    let ledger =
        || normal("a.debits_posted - a.credits_posted", "a.credits_posted - a.debits_posted");
    Some(match word {
        "ledger" => ledger(),
        "available" => format!(
            "({} - {} + CASE WHEN a.floor IN (1, 2) THEN a.floor_amount ELSE 0 END)",
            ledger(),
            normal("a.credits_pending", "a.debits_pending")
        ),
        "pending" => {
            normal("a.debits_pending - a.credits_pending", "a.credits_pending - a.debits_pending")
        }
        _ => return None,
    })
}

/// What is known of customers and their accounts.
fn people(word: &str, rest: &str, dialect: Dialect) -> Option<String> {
    let approved = "{text k.value status} = 'APPROVED'";
    Some(match word {
        "standing" => "({text s.body onboarding} || ', ' || {text s.body lifecycle})".to_owned(),
        "kyc" => "CASE WHEN {text s.body kyc} = 'APPROVED' AND {text s.body kyc_until} < {today} \
            THEN 'EXPIRED' ELSE {text s.body kyc} END"
            .to_owned(),
        "identity" => {
            let (scheme, field) = rest.split_once(' ').unwrap_or((rest, ""));
            format!(
                "(SELECT {{text k.value {field}}} FROM {{each k c.body identities}} \
                 WHERE {{text k.value scheme}} = '{scheme}')"
            )
        }
        // The first that was approved of the three kinds, otherwise the last that came.
        "paper" => format!(
            "(SELECT {{text k.value {rest}}} FROM {{each k f.body documents}} \
             WHERE {{text k.value kind}} IN ('PASSPORT', 'DRIVERS_LICENSE', 'NATIONAL_ID') \
             ORDER BY CASE WHEN {approved} THEN 0 ELSE 1 END, \
             CASE WHEN {approved} THEN k.key ELSE -k.key END LIMIT 1)"
        ),
        "lines" => {
            let separator = match (rest, dialect) {
                ("comma", _) => "', '",
                (_, Dialect::Postgres) => "chr(10)",
                (_, Dialect::Sqlite) => "char(10)",
            };
            let all = match dialect {
                Dialect::Postgres => {
                    format!("string_agg(k.value ->> 0, {separator} ORDER BY k.key)")
                }
                Dialect::Sqlite => format!("group_concat(k.value, {separator} ORDER BY k.key)"),
            };
            format!("(SELECT {all} FROM {{each k c.body address.lines}})")
        }
        "party" => format!(
            "(SELECT {{cast_uuid {{text k.value customer}}}} FROM {{each k e.body ownership.parties}} \
             WHERE {{text k.value role}} = '{rest}' LIMIT 1)"
        ),
        "terms" => format!(
            "(SELECT CAST({{text k.value terms.{rest}}} AS BIGINT) \
             FROM ~entity AS p CROSS JOIN {{each k p.body versions}} \
             WHERE p.kind = 'product' AND p.id = {{key {{text e.body product}}}} \
             AND CAST({{text k.value number}} AS BIGINT) = CAST({{text e.body product_version}} AS BIGINT))"
        ),
        _ => return None,
    })
}

/// What was moved: of the entry `n`.
fn moved(word: &str, rest: &str, dialect: Dialect) -> Option<String> {
    let other = "(x.amount > 0) <> (n.amount > 0)";
    Some(match word {
        "posted" => "(u.first_instant + (r.place & 16383))".to_owned(),
        "position" => "(u.first_position + (r.place & 16383))".to_owned(),
        // The same as `EntryParts::id_of`.
        "entry" => {
            let alias = if rest.is_empty() { "n" } else { rest };
            let leg = format!("{{hex16 ({alias}.seq & 4095)}}");
            match dialect {
                Dialect::Postgres => format!("({{hex16 {{position}}}} || {leg})::uuid"),
                Dialect::Sqlite => format!(
                    "(substr({{hex16 {{position}}}}, 1, 8) || '-' || substr({{hex16 {{position}}}}, 9, 4) \
                     || '-' || substr({{hex16 {{position}}}}, 13, 4) || '-' || substr({leg}, 1, 4) \
                     || '-' || substr({leg}, 5, 12))"
                ),
            }
        }
        "state" => {
            "CASE WHEN EXISTS (SELECT 1 FROM ~detail AS v WHERE v.link = 0 AND v.linked = r.id) \
            THEN 'reversed' ELSE 'posted' END"
                .to_owned()
        }
        "side" => format!(
            "(SELECT {{uuid y.id}} FROM {OF_RECORD} AND y.guarded = 1 AND x.amount {rest} 0 LIMIT 1)"
        ),
        "counterparty" => format!(
            "CASE WHEN (SELECT COUNT(*) FROM {OF_RECORD} AND {other}) = 1 \
             THEN (SELECT {{uuid y.id}} FROM {OF_RECORD} AND {other} LIMIT 1) END"
        ),
        "fee" => format!(
            "CASE WHEN n.amount > 0 AND r.kind NOT IN ('fee', 'interest') THEN \
             COALESCE((SELECT SUM(-x.amount) FROM {OF_RECORD} AND y.class = 3 AND x.amount < 0), 0) \
             ELSE 0 END"
        ),
        "origin" => format!(
            "CASE WHEN u.actor IS NOT NULL THEN u.{rest} ELSE (SELECT g.{rest} FROM ~origin AS g \
             WHERE g.place BETWEEN (u.number << 14) AND r.place ORDER BY g.place DESC LIMIT 1) END"
        ),
        "metadata" => {
            let none = match dialect {
                Dialect::Postgres => "jsonb_build_object()",
                Dialect::Sqlite => "json_object()",
            };
            format!("NULLIF({{json d.words metadata}}, {none})")
        }
        "sided" => {
            let differs = format!("r.kind IN {SAID} AND ((r.kind IN {CREDITS}) = (n.amount > 0))");
            let side = "CASE WHEN n.amount > 0 THEN 'debit' ELSE 'credit' END";
            match dialect {
                Dialect::Postgres => format!(
                    "NULLIF(COALESCE({{json d.words metadata}}, jsonb_build_object()) || CASE WHEN \
                     {differs} THEN jsonb_build_object('corebank_side', {side}) \
                     ELSE jsonb_build_object() END, jsonb_build_object())"
                ),
                Dialect::Sqlite => format!(
                    "NULLIF(json_patch(COALESCE({{json d.words metadata}}, json_object()), CASE WHEN \
                     {differs} THEN json_object('corebank_side', {side}) \
                     ELSE json_object() END), json_object())"
                ),
            }
        }
        _ => return None,
    })
}
