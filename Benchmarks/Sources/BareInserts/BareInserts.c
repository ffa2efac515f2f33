#include "BareInserts.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { block = 100 };
/// Stands for NULL.
static const int64_t nullCell = INT64_MIN;

struct Rows {
  char *table;
  /// The statement that created the table.
  char *schema;
  int columns;
  int64_t count;
  int64_t *cells;
};

static char *schemaOf(sqlite3 *file, const char *table) {
  sqlite3_stmt *query;
  char *schema = NULL;
  if (sqlite3_prepare_v2(file, "SELECT sql FROM sqlite_schema WHERE name = ?", -1, &query, NULL))
    return NULL;
  sqlite3_bind_text(query, 1, table, -1, SQLITE_STATIC);
  if (sqlite3_step(query) == SQLITE_ROW) schema = strdup((const char *)sqlite3_column_text(query, 0));
  sqlite3_finalize(query);
  return schema;
}

static void appendRows(struct Rows *rows, sqlite3_stmt *query) {
  int64_t room = 0;
  while (sqlite3_step(query) == SQLITE_ROW) {
    if (rows->count == room) {
      room = room ? 2 * room : 1024;
      rows->cells = realloc(rows->cells, room * rows->columns * sizeof(int64_t));
    }
    int64_t *row = rows->cells + rows->count++ * rows->columns;
    for (int column = 0; column < rows->columns; column++)
      row[column] = sqlite3_column_type(query, column) == SQLITE_NULL
                        ? nullCell
                        : sqlite3_column_int64(query, column);
  }
}

struct Rows *rowsOfTable(const char *path, const char *table) {
  sqlite3 *file;
  sqlite3_stmt *query;
  struct Rows *rows = NULL;
  char *sql = sqlite3_mprintf("SELECT * FROM \"%w\" ORDER BY id", table);
  if (!sqlite3_open_v2(path, &file, SQLITE_OPEN_READONLY, NULL) &&
      !sqlite3_prepare_v2(file, sql, -1, &query, NULL)) {
    rows = calloc(1, sizeof *rows);
    rows->table = strdup(table);
    rows->schema = schemaOf(file, table);
    rows->columns = sqlite3_column_count(query);
    appendRows(rows, query);
    sqlite3_finalize(query);
  }
  sqlite3_close(file);
  sqlite3_free(sql);
  return rows;
}

int64_t countOfRows(const struct Rows *rows) { return rows->count; }

void freeRows(struct Rows *rows) {
  if (!rows) return;
  free(rows->table);
  free(rows->schema);
  free(rows->cells);
  free(rows);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

/// An INSERT of so many rows, all columns but the id.
static sqlite3_stmt *prepare(sqlite3 *file, const struct Rows *rows, int count) {
  sqlite3_str *sql = sqlite3_str_new(file);
  sqlite3_str_appendf(sql, "INSERT INTO \"%w\" VALUES ", rows->table);
  for (int row = 0; row < count; row++) {
    sqlite3_str_appendall(sql, row ? ", (NULL" : "(NULL");
    for (int column = 1; column < rows->columns; column++) sqlite3_str_appendall(sql, ", ?");
    sqlite3_str_appendall(sql, ")");
  }
  char *text = sqlite3_str_finish(sql);
  sqlite3_stmt *statement = NULL;
  sqlite3_prepare_v2(file, text, -1, &statement, NULL);
  sqlite3_free(text);
  return statement;
}

/// Binds and inserts so many rows; what is not bound is NULL.
static int insert(sqlite3_stmt *statement, const struct Rows *rows, int64_t first, int count) {
  const int64_t *cell = rows->cells + first * rows->columns;
  int place = 0;
  for (int row = 0; row < count; row++) {
    cell++;
    for (int column = 1; column < rows->columns; column++, cell++) {
      place++;
      if (*cell != nullCell) sqlite3_bind_int64(statement, place, *cell);
    }
  }
  int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return code == SQLITE_DONE;
}

static int insertAll(sqlite3 *file, const struct Rows *rows) {
  sqlite3_stmt *hundred = prepare(file, rows, block), *one = prepare(file, rows, 1);
  int isGood = hundred && one;
  int64_t first = 0;
  for (; isGood && first + block <= rows->count; first += block)
    isGood = insert(hundred, rows, first, block);
  for (; isGood && first < rows->count; first++) isGood = insert(one, rows, first, 1);
  sqlite3_finalize(hundred);
  sqlite3_finalize(one);
  return isGood;
}

static sqlite3 *newFile(const char *path, const struct Rows *const *tables, int32_t count) {
  sqlite3 *file;
  unlink(path);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  sqlite3_open_v2(path, &file, flags, NULL);
  sqlite3_exec(
      file,
      "PRAGMA page_size = 65536; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536; PRAGMA foreign_keys = OFF",
      NULL, NULL, NULL);
  for (int table = 0; table < count; table++)
    sqlite3_exec(file, tables[table]->schema, NULL, NULL, NULL);
  return file;
}

struct Job {
  const char *path;
  const struct Rows *const *tables;
  int32_t count;
  struct BareTimes times;
};

static void *run(void *argument) {
  struct Job *job = argument;
  sqlite3 *file = newFile(job->path, job->tables, job->count);
  int isGood = sqlite3_exec(file, "BEGIN", NULL, NULL, NULL) == SQLITE_OK;
  double start = seconds();
  for (int table = 0; table < job->count; table++)
    isGood = isGood && insertAll(file, job->tables[table]);
  double inserted = seconds();
  isGood = isGood && sqlite3_exec(file, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
  isGood = sqlite3_close(file) == SQLITE_OK && isGood;
  job->times.rows = isGood ? inserted - start : -1;
  job->times.close = seconds() - inserted;
  return NULL;
}

struct BareTimes insertBare(const char *path, const struct Rows *const *tables, int32_t count) {
  struct Job job = {path, tables, count, {-1, 0}};
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, &job) == 0) pthread_join(thread, NULL);
  return job.times;
}

const char *sqliteVersion(void) { return sqlite3_libversion(); }
