/* Loaded before libsqlite3 into a server: counts the statements it begins, those that are COMMIT, those that read or write data (all but
   transactions, savepoints and pragmas, of which there are more or fewer as callers share them by chance), and the rows that were read, in
   the file COUNT_STATEMENTS names (four numbers of 8 bytes, shared). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALL, COMMITS, DATA, ROWS, NUMBERS };

static _Atomic unsigned long long *count;
static int (*real_step)(void *);
static int (*real_busy)(void *);
static const char *(*real_sql)(void *);

__attribute__((constructor)) static void prepare(void) {
    const char *path = getenv("COUNT_STATEMENTS");
    int file = path ? open(path, O_RDWR) : -1;
    if (file < 0) return;
    void *shared = mmap(NULL, 8 * NUMBERS, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared != MAP_FAILED) count = shared;
}

static int begins(const char *sql, const char *word) { return strncmp(sql, word, strlen(word)) == 0; }

static int is_data(const char *sql) {
    return !begins(sql, "BEGIN") && !begins(sql, "COMMIT") && !begins(sql, "ROLLBACK") && !begins(sql, "SAVEPOINT") &&
           !begins(sql, "RELEASE") && !begins(sql, "PRAGMA");
}

/* A statement that is stepped for the next row is not counted again. */
int sqlite3_step(void *statement) {
    if (!real_step) {
        real_busy = dlsym(RTLD_NEXT, "sqlite3_stmt_busy");
        real_sql = dlsym(RTLD_NEXT, "sqlite3_sql");
        real_step = dlsym(RTLD_NEXT, "sqlite3_step");
    }
    if (count && !real_busy(statement)) {
        const char *sql = real_sql(statement);
        atomic_fetch_add(count + ALL, 1);
        if (sql && begins(sql, "COMMIT")) atomic_fetch_add(count + COMMITS, 1);
        if (sql && is_data(sql)) atomic_fetch_add(count + DATA, 1);
    }
    int result = real_step(statement);
    if (count && result == 100 /* SQLITE_ROW */) atomic_fetch_add(count + ROWS, 1);
    return result;
}
