extension Migration {
    /// Counts of ticked devices are read from this index alone: with 15,000 of them each enrolment by a package that ticks took 10 ms to count
    /// them row by row.
    static let permanentCount = Migration(
        name: "0009-permanent-count",
        template: """
            DROP INDEX device_permanent;
            CREATE INDEX device_permanent ON device (permanent_since, deleted)
                WHERE permanent_since IS NOT NULL AND deleted IS NULL;
            """)
}
