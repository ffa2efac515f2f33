#pragma once

#include <stdint.h>

/// The rows of one table, in memory: integers or NULL.
struct Rows;

/// Reads a table of a trace into memory; NULL where that fails.
struct Rows *rowsOfTable(const char *path, const char *table);
int64_t countOfRows(const struct Rows *rows);
void freeRows(struct Rows *rows);

/// What a bare loop took, in seconds.
struct BareTimes {
  /// Inserting every row; negative where that failed.
  double rows;
  /// Committing and closing the file.
  double close;
};

/// Inserts the rows of several tables, one after the other, into a new file, on a thread of its own:
/// journal and sync off, 64 KiB pages, one transaction, a hundred rows with each prepared statement,
/// ids left to SQLite, because the rows come in their order.
struct BareTimes insertBare(const char *path, const struct Rows *const *tables, int32_t count);

/// The version of SQLite that inserts.
const char *sqliteVersion(void);
