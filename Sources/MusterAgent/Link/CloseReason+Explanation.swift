package import MusterModel

/// Close reasons as people on a device read them, where the server said nothing more.
extension CloseReason {
    /// The server refuses this device for what it is: another try changes nothing until a person acts.
    var isAboutDevice: Bool {
        switch self {
        case .noCertificate, .unknownCertificate, .certificateExpired, .certificateSuperseded, .deviceDeleted, .deviceRevoked,
            .cloneSuspected, .enrolAnew:
            true
        default: false
        }
    }

    /// A phrase, said from the device's side.
    package var deviceWords: String {
        switch self {
        case .closedByPeer: "the other side closed the connection"
        case .cloneSuspected: "the server takes this machine for a copy of another device"
        case .enrolAnew: "the server has this machine enrol as a device of its own"
        case .unknownCertificate: "the server does not know this device's certificate"
        default: words
        }
    }

    /// `the enrolment token is used up (tokenUsedUp): have a new one made …`
    package var explanation: String {
        let said = "\(deviceWords) (\(code))"
        return whatToDo.map { "\(said): \($0)" } ?? said
    }

    private var whatToDo: String? {
        switch self {
        case .tokenUnknown:
            """
            compare it with what you were given, and whether this is the server it is for; else have a new one made, or download the \
            package anew
            """
        case .tokenExpired, .tokenUsedUp, .tokenRevoked:
            "have the administrator make a new one (muster enrolment-tokens create), or download the package anew"
        default: nil
        }
    }
}
