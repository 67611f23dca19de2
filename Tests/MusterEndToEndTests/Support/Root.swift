import Glibc
import Testing

extension Trait where Self == ConditionTrait {
    /// For what only root can do: other users, packages, interfaces.
    static var needsRoot: Self { .enabled("this test needs root: it changes users, packages or interfaces") { geteuid() == 0 } }
}
