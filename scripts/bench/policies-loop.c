/* policies-loop DATABASE: what a bare program needs for what a server does with policies. Reads every row that tells of devices, as a server
 * does when it starts; then asks the database for each device which active policies its groups have, in one statement each, as a server
 * would without its memory. Nothing is computed of what is found. Prints what both took. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { MOST_DEVICES = 1000000, ID = 16 };

static const char *tables[] = {"device", "certificate", "document", "event_position", "device_value", "device_tag", "device_application"};
static sqlite3 *database;
static unsigned char ids[MOST_DEVICES][ID];

static void check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    fprintf(stderr, "policies-loop: %s\n", sqlite3_errmsg(database));
    exit(1);
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL));
    return statement;
}

/* - Returns: how many rows; every column of each is looked at. */
static long walk(sqlite3_stmt *statement) {
    long rows = 0;
    int code, columns = sqlite3_column_count(statement);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int column = 0; column < columns; column++) sqlite3_column_blob(statement, column);
        rows++;
    }
    check(code);
    sqlite3_reset(statement);
    return rows;
}

static int read_ids(void) {
    sqlite3_stmt *all = prepare("SELECT id FROM device WHERE deleted IS NULL");
    int devices = 0;
    while (devices < MOST_DEVICES && sqlite3_step(all) == SQLITE_ROW) {
        const unsigned char *id = sqlite3_column_blob(all, 0);
        if (sqlite3_column_bytes(all, 0) != ID) continue;
        for (int byte = 0; byte < ID; byte++) ids[devices][byte] = id[byte];
        devices++;
    }
    sqlite3_finalize(all);
    return devices;
}

int main(int count, char **arguments) {
    if (count != 2) return 64;
    check(sqlite3_open_v2(arguments[1], &database, SQLITE_OPEN_READONLY, NULL));
    double began = cpu_seconds();
    long rows = 0;
    for (unsigned table = 0; table < sizeof tables / sizeof *tables; table++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT * FROM %s", tables[table]);
        sqlite3_stmt *all = prepare(sql);
        rows += walk(all);
        sqlite3_finalize(all);
    }
    double read = cpu_seconds() - began;
    int devices = read_ids();
    sqlite3_stmt *policies = prepare(
        "WITH RECURSIVE above (id, parent) AS ("
        "    SELECT g.id, g.parent FROM device d JOIN device_group g ON g.id = d.group_id WHERE d.id = ?1"
        "    UNION ALL SELECT g.id, g.parent FROM above JOIN device_group g ON g.id = above.parent) "
        "SELECT p.application, p.content FROM above JOIN policy p ON p.group_id = above.id AND p.active = 1");
    long found = 0;
    began = cpu_seconds();
    for (int device = 0; device < devices; device++) {
        check(sqlite3_bind_blob(policies, 1, ids[device], ID, SQLITE_STATIC));
        found += walk(policies);
    }
    printf("{\"rows\": %ld, \"readCPUSeconds\": %f, \"devices\": %d, \"policies\": %ld, \"policiesCPUSeconds\": %f}\n", rows, read,
           devices, found, cpu_seconds() - began);
    return 0;
}
