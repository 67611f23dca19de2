import MusterModel

/// The version of this agent: in Hello, in the document `system`, in `status`.
package enum AgentVersion {
    package static let current = ProductVersion.current
}
