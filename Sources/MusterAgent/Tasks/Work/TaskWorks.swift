import MusterModel

/// Which task types this agent knows, and what does them.
enum TaskWorks {
    /// Nil for one that it does not know.
    static func work(for application: ApplicationID, _ type: String) -> (any TaskWork)? {
        works["\(application)/\(type)"]
    }

    /// By application and type.
    private static let works: [String: any TaskWork] = [:]
}
