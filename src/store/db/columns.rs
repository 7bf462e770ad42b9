//! Reads rows by the names of their columns. The driver's derive macro is not used: its crate depends on the drivers of
//! both databases, which would be built a second time for the compiler, with SQLite itself.

/// Reads a row of a statement of either database into a struct. `columns!(in "table", Row: id, at; sum =
/// identity(minor))` reads the fields named like columns by their types, with [`Kept`](crate::store::value::Kept), and
/// computes other fields from columns. `..field` is read from the same row. A value that cannot be read is reported as
/// a corrupt row of the table. `columns!(both Row: id, at)` reads types that both drivers decode, without conversion. A
/// literal before the row is the prefix of its column names.
macro_rules! columns {
    (both $row:ty: $($rest:tt)+) => {
        crate::store::db::columns!(both "" $row: $($rest)+);
    };
    (both $prefix:literal $row:ty: $($rest:tt)+) => {
        crate::store::db::columns!(@raw sqlx::sqlite::SqliteRow, $prefix $row: $($rest)+);
        crate::store::db::columns!(@raw sqlx::postgres::PgRow, $prefix $row: $($rest)+);
    };
    (@raw $source:ty, $prefix:literal $row:ty: $($column:ident),+ $(; flatten $flat:ident)*) => {
        impl sqlx::FromRow<'_, $source> for $row {
            fn from_row(row: &$source) -> Result<Self, sqlx::Error> {
                Ok(Self {
                    $($column: sqlx::Row::try_get(row, concat!($prefix, stringify!($column)))?,)+
                    $($flat: sqlx::FromRow::from_row(row)?,)*
                })
            }
        }
    };
    (in $table:literal, $row:ty: $($rest:tt)+) => {
        crate::store::db::columns!(@kept sqlx::sqlite::SqliteRow, $table $row: $($rest)+);
        crate::store::db::columns!(@kept sqlx::postgres::PgRow, $table $row: $($rest)+);
    };
    (
        @kept $source:ty, $table:literal $row:ty: $($column:ident),+ $(,)?
        $(; $($field:ident = $($make:ident)::+ ($($of:ident),+)),+)?
        $(; ..$flat:ident)?
    ) => {
        impl sqlx::FromRow<'_, $source> for $row {
            fn from_row(row: &$source) -> Result<Self, sqlx::Error> {
                Ok(Self {
                    $($column: crate::store::value::column(row, $table, stringify!($column))?,)+
                    $($($field: $($make)::+($(crate::store::value::column(row, $table, stringify!($of))?),+),)+)?
                    $($flat: sqlx::FromRow::from_row(row)?,)?
                })
            }
        }
    };
}

pub(in crate::store) use columns;
