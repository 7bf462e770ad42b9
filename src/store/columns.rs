//! Rows by the names of their columns. The driver has a derive for this, whose procedural macro depends on the drivers of both
//! databases: they, and SQLite itself, would be built a second time, for the compiler.

/// Reads a row of a statement into a struct whose fields are named as the columns: of SQLite, of PostgreSQL, or of `both`.
/// A literal before the struct is what the names of its columns begin with. `flatten` fields are made of the same row; a
/// `default` one need not be selected.
macro_rules! columns {
    (both $row:ty: $($rest:tt)+) => {
        crate::store::columns::columns!(both "" $row: $($rest)+);
    };
    (both $prefix:literal $row:ty: $($rest:tt)+) => {
        crate::store::columns::columns!(@ sqlx::sqlite::SqliteRow, $prefix $row: $($rest)+);
        crate::store::columns::columns!(@ sqlx::postgres::PgRow, $prefix $row: $($rest)+);
    };
    (sqlite $row:ty: $($rest:tt)+) => {
        crate::store::columns::columns!(@ sqlx::sqlite::SqliteRow, "" $row: $($rest)+);
    };
    (postgres $row:ty: $($rest:tt)+) => {
        crate::store::columns::columns!(@ sqlx::postgres::PgRow, "" $row: $($rest)+);
    };
    (@ $source:ty, $prefix:literal $row:ty: $($column:ident),+ $(; flatten $flat:ident)* $(; default $default:ident)?) => {
        impl sqlx::FromRow<'_, $source> for $row {
            fn from_row(row: &$source) -> Result<Self, sqlx::Error> {
                Ok(Self {
                    $($column: sqlx::Row::try_get(row, concat!($prefix, stringify!($column)))?,)+
                    $($flat: sqlx::FromRow::from_row(row)?,)*
                    $($default: crate::store::columns::or_default(sqlx::Row::try_get(row, stringify!($default)))?,)?
                })
            }
        }
    };
}

pub(in crate::store) use columns;

/// A column that a statement may leave out.
pub(in crate::store) fn or_default<T: Default>(read: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
    match read {
        Err(sqlx::Error::ColumnNotFound(_)) => Ok(T::default()),
        read => read,
    }
}
