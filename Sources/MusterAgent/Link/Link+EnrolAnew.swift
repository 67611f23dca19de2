import Logging
import MusterModel
import MusterTrust
import MusterWire

/// This device was taken for a copy of another, and an administrator decided that it becomes one of its own.
extension Link {
    /// Enrols with the token that came in the session with the server, whose key was checked. Events that are held stay, under a new epoch;
    /// what was said between the server and the other device is forgotten. Ended anywhere, it is refused as a copy again, and asked again.
    func enrolAnew(_ text: String?, _ course: inout LinkCourse) async {
        do {
            guard let text, let token = try? EnrolmentTokenText(text) else {
                throw LinkFailure(.enrolAnew, "the server said to enrol anew, and gave no token")
            }
            // Never a key that was on the disk: a copy may have it too.
            let key = course.ownKey()
            let storage = storage
            let options = try await storage.run { state, _ in
                EnrolOptions(
                    stateDirectory: "", servers: try state.servers(), tokenText: text, pins: try state.pins(),
                    proxy: try state.proxy())
            }
            let report = try await Enroller(options: options, token: token, key: key, state: storage.state).run()
            course.becameItself()
            logger.notice("enrolled.anew", metadata: ["device.id": "\(report.device)"])
            course.again(.start, now: .now)
        } catch {
            let failure = error as? LinkFailure ?? LinkFailure(.enrolAnew, "\(error)", retryAfter: .seconds(30))
            await failed(failure, &course)
        }
    }
}
