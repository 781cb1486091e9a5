//! One look-up in the index a ticket, whatever statistics say.
//!
//! By statistics from when the table held one row, each index that begins with the tenant looks alike for two equal
//! columns, and the one by revision may be taken: it reads the whole tenant for each id (1,538 ms for 600 ids instead of
//! 14). Only the unique index gives the next row in the order of ids, so that is what is asked for, and the caller
//! compares the id.

/// `cross join lateral (..) as stored`: the columns of the first row of tenant `$1` whose id is not before `$id`.
macro_rules! stored_as {
    ($columns:expr, $more:literal, $id:literal) => {
        concat!(
            "cross join lateral (select ",
            $columns,
            $more,
            " from ticket_history where tenant_id = $1 and ticket_id >= ",
            $id,
            " order by ticket_id limit 1) as stored"
        )
    };
}
