extension Migration {
    /// Actions: what a person ordered, and how far each device is with it.
    ///
    /// An order is one request, for one device or many; two orders for a device that has not begun the first share one action. `progress` is
    /// `ActionProgress`; `route` says how the device was reached, a code.
    static let actions = Migration(
        name: "0003-actions",
        template: """
            CREATE TABLE action_order (
                id {id} PRIMARY KEY CHECK (length(id) = 16),
                kind {int} NOT NULL,
                created {int} NOT NULL,
                expires {int} NOT NULL,
                principal_kind {text} NOT NULL,
                principal {text} NOT NULL
            ) {strict};
            CREATE INDEX action_order_by_time ON action_order (created, id);

            CREATE TABLE action (
                id {id} PRIMARY KEY CHECK (length(id) = 16),
                device {id} NOT NULL REFERENCES device (id),
                kind {int} NOT NULL,
                progress {int} NOT NULL CHECK (progress BETWEEN 1 AND 7),
                route {text},
                connected_after {int},
                created {int} NOT NULL,
                expires {int} NOT NULL,
                sent {int},
                accepted {int},
                ended {int},
                code {text} NOT NULL,
                text {text} NOT NULL
            ) {strict};
            CREATE UNIQUE INDEX action_waiting ON action (device, kind) WHERE progress <= 2;
            CREATE INDEX action_open ON action (expires) WHERE progress <= 3;
            CREATE INDEX action_by_device ON action (device, created);

            CREATE TABLE action_member (
                action_order {id} NOT NULL REFERENCES action_order (id),
                action {id} NOT NULL REFERENCES action (id),
                PRIMARY KEY (action_order, action)
            ) {keyed};
            CREATE INDEX action_member_by_action ON action_member (action);
            """)
}
