extension Migration {
    /// When an order was cancelled: an action that it shares goes on for the others.
    static let cancelledOrders = Migration(
        name: "0010-cancelled-orders",
        template: "ALTER TABLE action_order ADD COLUMN cancelled {int};")
}
