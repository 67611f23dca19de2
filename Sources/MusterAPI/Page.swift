/// One page of a list: `{"items":[…],"next":"cursor"}`. Without `next` it is the last one; the cursor is opaque to the reader.
package struct Page<Item: Codable & Sendable>: Codable, Sendable {
    package var items: [Item]
    package var next: String?

    package init(items: [Item], next: String?) {
        self.items = items
        self.next = next
    }
}

/// How many items a page may have. 1000 events of the largest kind (8 KiB) are 8 MiB, ordinary ones 0.3 MiB.
package enum PageLimit {
    package static let allowed = 1...1000
    package static let standard = 100
}
