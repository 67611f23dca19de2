import MusterTestKit
import Testing

@testable import MusterModel

@Suite("docs/policies.md")
struct PoliciesPageTests {
    private let page: MarkdownFile

    init() throws { page = try MarkdownFile("docs/policies.md") }

    @Test("every setting of every built-in application has its row", arguments: ApplicationManifest.withSettings)
    func settings(_ manifest: ApplicationManifest) {
        let rows = page.rows(under: manifest.title)
        #expect(rows.map { $0.first?.code } == manifest.settings.map(\.key))
        for (row, setting) in zip(rows, manifest.settings) {
            #expect(
                Array(row.dropFirst()) == [
                    setting.title, setting.type.allowed, setting.standard?.description ?? "", setting.help,
                ], "\(manifest.id) \(setting.key)")
        }
        #expect(page.text.contains("`\(manifest.id)`:"))
    }
}
