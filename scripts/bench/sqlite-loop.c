/* sqlite-loop SOURCE TARGET: the events of a server's database, read first, then inserted into a new one with the same table and indexes,
 * 200 a commit, WAL, synchronous=FULL. Prints what the inserting took. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { PER_COMMIT = 200, MOST_ROWS = 200000, MOST_COLUMNS = 32 };

static sqlite3 *source, *target;
static sqlite3_value *values[MOST_ROWS][MOST_COLUMNS];

static void check(int code, sqlite3 *database) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    fprintf(stderr, "sqlite-loop: %s\n", sqlite3_errmsg(database));
    exit(1);
}

static void run(const char *sql) { check(sqlite3_exec(target, sql, NULL, NULL, NULL), target); }

static int copy_schema(void *unused, int count, char **columns, char **names) {
    (void)unused, (void)count, (void)names;
    run(columns[0]);
    return 0;
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* - Returns: how many rows; the number of columns in `columns`. */
static int read_rows(int *columns) {
    sqlite3_stmt *all;
    int rows = 0;
    check(sqlite3_prepare_v2(source, "SELECT * FROM event ORDER BY position", -1, &all, NULL), source);
    *columns = sqlite3_column_count(all);
    while (rows < MOST_ROWS && sqlite3_step(all) == SQLITE_ROW) {
        for (int column = 0; column < *columns; column++)
            values[rows][column] = sqlite3_value_dup(sqlite3_column_value(all, column));
        rows++;
    }
    sqlite3_finalize(all);
    return rows;
}

static void insert_rows(int rows, int columns) {
    char sql[512] = "INSERT INTO event VALUES (?";
    int length = 27;
    for (int column = 1; column < columns; column++) length += snprintf(sql + length, sizeof sql - length, ",?");
    snprintf(sql + length, sizeof sql - length, ")");
    sqlite3_stmt *insert;
    check(sqlite3_prepare_v2(target, sql, -1, &insert, NULL), target);
    for (int row = 0; row < rows; row++) {
        if (row % PER_COMMIT == 0) run("BEGIN IMMEDIATE");
        for (int column = 0; column < columns; column++)
            check(sqlite3_bind_value(insert, column + 1, values[row][column]), target);
        check(sqlite3_step(insert), target);
        sqlite3_reset(insert);
        if (row % PER_COMMIT == PER_COMMIT - 1 || row == rows - 1) run("COMMIT");
    }
    sqlite3_finalize(insert);
}

int main(int count, char **arguments) {
    if (count != 3) return 64;
    check(sqlite3_open_v2(arguments[1], &source, SQLITE_OPEN_READONLY, NULL), source);
    check(sqlite3_open(arguments[2], &target), target);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    check(sqlite3_exec(source, "SELECT sql FROM sqlite_master WHERE tbl_name = 'event' AND sql NOT NULL ORDER BY type DESC",
                       copy_schema, NULL, NULL), source);
    int columns, rows = read_rows(&columns);
    double before = cpu_seconds();
    insert_rows(rows, columns);
    printf("{\"rows\": %d, \"cpuSeconds\": %f}\n", rows, cpu_seconds() - before);
    return rows == 0;
}
