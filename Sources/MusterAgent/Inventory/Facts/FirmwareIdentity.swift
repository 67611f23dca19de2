/// Who made the device and what they call it, from the firmware's tables (DMI); nothing where there are none, as on most ARM boards.
/// Serial numbers can be read by root only.
enum FirmwareIdentity {
    private static let files = [
        "vendor": "sys_vendor", "product": "product_name", "product-version": "product_version", "serial": "product_serial",
        "uuid": "product_uuid", "board-vendor": "board_vendor", "board": "board_name", "bios-vendor": "bios_vendor",
        "bios-version": "bios_version", "bios-date": "bios_date",
    ]

    /// By the names of the facts under `dmi/`.
    static func read(_ root: RootPath) -> [String: String] {
        files.compactMapValues { root.line("sys/class/dmi/id/\($0)") }
    }
}
