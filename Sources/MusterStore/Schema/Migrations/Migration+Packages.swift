extension Migration {
    /// Installation packages, and what the token of each download gives the devices that enrol with it.
    ///
    /// A package that is deleted leaves its row: tokens refer to it. `package_setting` and `enrolment_token_setting` are names and numbers like
    /// a device's own settings (`DeviceSettings.values`); a token's are those of the package as it was downloaded.
    static let packages = Migration(
        name: "0005-packages",
        template: """
            CREATE TABLE installation_package (
                id {id} PRIMARY KEY CHECK (length(id) = 16),
                name {text} NOT NULL,
                revision {int} NOT NULL,
                created {int} NOT NULL,
                changed {int} NOT NULL,
                deleted {int},
                servers {text} NOT NULL,
                udp_port {int} NOT NULL,
                proxy {text},
                permanent {int} NOT NULL CHECK (permanent IN (0, 1)),
                token_life {int} NOT NULL,
                token_uses {int} NOT NULL,
                downloads {int} NOT NULL
            ) {strict};
            CREATE UNIQUE INDEX installation_package_by_name ON installation_package (name) WHERE deleted IS NULL;

            CREATE TABLE package_setting (
                package {id} NOT NULL REFERENCES installation_package (id),
                name {text} NOT NULL,
                value {int} NOT NULL,
                PRIMARY KEY (package, name)
            ) {keyed};

            ALTER TABLE enrolment_token ADD COLUMN package {id} REFERENCES installation_package (id);
            ALTER TABLE enrolment_token ADD COLUMN permanent {int};
            CREATE INDEX enrolment_token_by_package ON enrolment_token (package) WHERE package IS NOT NULL;

            CREATE TABLE enrolment_token_setting (
                token {id} NOT NULL REFERENCES enrolment_token (id),
                name {text} NOT NULL,
                value {int} NOT NULL,
                PRIMARY KEY (token, name)
            ) {keyed};
            """)
}
