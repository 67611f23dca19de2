extension ApplicationManifest {
    /// Settings of the connector for ClamAV. None has a default: without a policy ClamAV goes on with what its own files say.
    package static let clamAV = ApplicationManifest(
        id: .clamAV, title: "ClamAV",
        settings: [
            SettingDeclaration(
                ClamAVKey.onAccess, .onOff, title: "On-access scanning",
                help: "Whether files are scanned as they are opened, by the unit clamav-clamonacc."),
            SettingDeclaration(
                ClamAVKey.onAccessPaths, .list(.path, maximum: 64), title: "On-access: folders",
                help: "What is below them is scanned as it is opened."),
            SettingDeclaration(
                ClamAVKey.onAccessPrevention, .onOff, title: "On-access: prevention",
                help: "Whether a file with a threat cannot be opened; else it is told only."),
            SettingDeclaration(
                ClamAVKey.exclusions, .list(.path, maximum: 64), title: "Exclusions",
                help: "Files, and folders with everything in them, that clamd never scans."),
            SettingDeclaration(
                ClamAVKey.maximumFileSize, .number(1...2000), title: "Largest file scanned",
                help: "In megabytes; larger files are not scanned."),
            SettingDeclaration(
                ClamAVKey.maximumScanSize, .number(1...4000), title: "Most data scanned of one file",
                help: "In megabytes, archives unpacked; what is beyond is not scanned."),
            SettingDeclaration(
                ClamAVKey.detectPUA, .onOff, title: "Unwanted applications",
                help: "Whether tools that are no malware, but often unwanted, count as threats."),
            SettingDeclaration(
                ClamAVKey.maximumThreads, .number(1...256), title: "Scanning threads",
                help: "So many files are scanned at a time."),
            SettingDeclaration(
                ClamAVKey.updateChecks, .number(1...50), title: "Database checks a day",
                help: "How often freshclam looks for new databases."),
            SettingDeclaration(
                ClamAVKey.privateMirrors, .list(.url, maximum: 8), title: "Private mirrors",
                help: "Where freshclam gets the official databases instead of the Internet."),
            SettingDeclaration(
                ClamAVKey.databaseURLs, .list(.url, maximum: 32), title: "Further databases",
                help: "Files of signatures that freshclam gets as well."),
            SettingDeclaration(
                ClamAVKey.outdatedAfter, .duration(.hours(1)...(.days(365))), title: "Databases are outdated after",
                help: "Since the newest was made. Not set: 7 days."),
        ],
        tasks: [
            TaskTypeDeclaration(
                "scan", title: "Scan", help: "Has clamd scan files, and deals with those that something is found in.",
                settings: [
                    SettingDeclaration(
                        ClamScanKey.paths, .list(.path, maximum: 64), title: "Paths",
                        help: "Files, and folders with everything in them. Links are not followed."),
                    SettingDeclaration(
                        ClamScanKey.action, .choice(["report", "quarantine", "remove"]), title: "What is done with threats",
                        help: "Told only, moved to /var/lib/muster-clamav/quarantine, or deleted. Not set: told only."),
                    SettingDeclaration(
                        ClamScanKey.exclusions, .list(.path, maximum: 64), title: "Exclusions",
                        help: "Files, and folders with everything in them, that are left out."),
                ], required: [ClamScanKey.paths]),
            TaskTypeDeclaration(
                "update-databases", title: "Update databases", help: "Has freshclam look for new databases of signatures, once."),
        ])
}

/// Keys of the settings of a scan.
package enum ClamScanKey {
    package static let paths = "paths"
    package static let action = "action"
    package static let exclusions = "exclusions"
}

/// Keys of the settings of ClamAV.
package enum ClamAVKey {
    package static let onAccess = "on-access"
    package static let onAccessPaths = "on-access-paths"
    package static let onAccessPrevention = "on-access-prevention"
    package static let exclusions = "exclusions"
    package static let maximumFileSize = "maximum-file-size"
    package static let maximumScanSize = "maximum-scan-size"
    package static let detectPUA = "detect-pua"
    package static let maximumThreads = "maximum-threads"
    package static let updateChecks = "update-checks"
    package static let privateMirrors = "private-mirrors"
    package static let databaseURLs = "database-urls"
    package static let outdatedAfter = "outdated-after"
}
