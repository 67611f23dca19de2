"""A large fleet without its machines: copies of one real device in the database of a server that is stopped."""
import sqlite3

# What a server reads of a device when it starts, without the rows of its list of applications.
TABLES = ["device", "certificate", "document", "device_application", "event_position"]

NEW = {"id": "c.id", "device": "c.id", "name": "c.name", "fingerprint": "randomblob(32)", "public_key": "randomblob(32)",
       "placement": "1", "group_id": "c.group_id", "permanent_since": "NULL"}
# Only where the device itself is meant: a document's name is its number.
OF_DEVICE = {"id", "name", "placement", "group_id", "permanent_since"}

def group_ids(database, paths):
    """Of groups named by path; a group is named by the names of those above it and its own."""
    rows = {row[0]: row[1:] for row in database.execute("SELECT id, parent, name FROM device_group")}

    def path(group):
        parent, name = rows[group]
        return "" if parent is None else f"{path(parent)}/{name}"

    by_path = {path(group): group for group in rows}
    return [by_path[wanted] for wanted in paths]

def make(path, count, groups):
    """As many copies as there are to be in all, in turn in these groups: one in ten is tagged 'night', two in a hundred have an interval of
    their own, one of four."""
    with sqlite3.connect(path) as database:
        present = database.execute("SELECT COUNT(*) FROM device WHERE name LIKE 'copy-%'").fetchone()[0]
        model = database.execute("SELECT id FROM device WHERE deleted IS NULL AND name LIKE 'swarm-%' LIMIT 1").fetchone()[0]
        ids = group_ids(database, groups)
        database.execute("CREATE TEMP TABLE copy (number INTEGER, id BLOB, name TEXT, group_id BLOB)")
        database.executemany(
            "INSERT INTO copy VALUES (?1, randomblob(16), ?2, ?3)",
            ((number, f"copy-{number:06}", ids[number % len(ids)]) for number in range(present, count)))
        for table in TABLES:
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            new = {column: value for column, value in NEW.items() if table == "device" or column not in OF_DEVICE}
            values = ", ".join(new.get(column, f"m.{column}") for column in columns)
            key = "id" if table == "device" else "device"
            database.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM copy c JOIN {table} m ON m.{key} = ?1", [model])
        database.execute("INSERT INTO device_tag (device, tag) SELECT id, 'night' FROM copy WHERE number % 10 = 0")
        database.execute(
            """INSERT INTO device_value (device, application, key, value) SELECT id, 'network-agent', 'sync-interval',
                   '{"milliseconds":' || (10 + number / 50 % 4) * 60000 || '}' FROM copy WHERE number % 50 = 0""")
        database.execute("DROP TABLE copy")
    database.close()
