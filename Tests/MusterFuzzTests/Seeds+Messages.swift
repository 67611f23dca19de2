import FoundationEssentials
import MusterModel
import MusterTrust
import MusterWire
import SwiftProtobuf

extension Seeds {
    /// One of each message with something in most fields. Maps hold one entry, so that the bytes come out alike each time.
    static func messages() throws -> [String: Muster_V1_Frame] {
        let key = try PrivateKey(pem: keyPEM)
        let request = try CertificateRequest(key: key).der
        let issued = try ServerCertificate.make(key: key, now: time, lifetime: .days(90))
        var messages: [String: Muster_V1_Frame.OneOf_Body] = [
            "hello": .hello(hello()), "welcome": .welcome(welcome()), "digests": .digests(digests()), "plan": .plan(plan()),
            "document": .document(head()), "chunk": .chunk(.with { $0.data = Data([1, 2, 3]) }),
            "result": .result(
                .with {
                    $0.document = 2; $0.digest = Data(digest); $0.status = .stored
                }),
            "events": .events(events()),
            "events-stored": .eventsStored(
                .with {
                    $0.epoch = 9; $0.last = 12
                }),
            "renewal": .renewal(.with { $0.certificateRequest = Data(request) }),
            "certificate": .certificate(.with { $0.certificate = Data(issued) }),
            "done": .done(.init()), "ping": .ping(.with { $0.id = 1 }), "pong": .pong(.with { $0.id = 1 }),
            "goodbye": .goodbye(
                .with {
                    $0.reason = 102; $0.retryAfter = 5000; $0.text = "busy"
                }),
        ]
        messages["enrolment"] = .enrolment(
            .with {
                $0.version = 1
                $0.tokenID = Data(digest)
                $0.tokenSecret = Data(digest + digest)
                $0.certificateRequest = Data(request)
                $0.agentVersion = "0.1.0"
                $0.hostName = "pc1"
            })
        messages["enrolled"] = .enrolled(
            .with {
                $0.device = Data(digest)
                $0.certificate = Data(issued)
                $0.pins = [Data(key.pin.bytes), Data(digest + digest)]
                $0.time = time.milliseconds
            })
        return messages.mapValues { Muster_V1_Frame($0) }
    }

    private static func hello() -> Muster_V1_Hello {
        .with {
            $0.version = 1
            $0.agentVersion = "0.1.0"
            $0.features = FeatureSet.own.message
            $0.runID = 7
            $0.bootID = Data(digest)
            $0.reason = .start
            $0.reportedRoot = Data(digest)
            $0.heldRoot = Data(digest)
            $0.digests = digests()
            $0.events = .with {
                $0.epoch = 9; $0.firstHeld = 3; $0.next = 5
            }
            $0.session = 4
            $0.time = time.milliseconds
        }
    }

    private static func welcome() -> Muster_V1_Welcome {
        .with {
            $0.time = time.milliseconds
            $0.session = 5
            $0.nextSynchronization = 900_000
            $0.features = FeatureSet.own.message
            $0.wantDigests = true
            $0.plan = plan()
            $0.eventsStored = 2
            $0.eventCredit = 65_536
            $0.renewal = .due
        }
    }

    private static func digests() -> Muster_V1_DocumentDigests {
        .with {
            $0.reported = [
                .with {
                    $0.document = 1; $0.digest = Data(digest)
                },
                .with {
                    $0.document = 2; $0.digest = Data(digest)
                },
            ]
            $0.held = [
                .with {
                    $0.document = 32; $0.digest = Data(digest)
                }
            ]
        }
    }

    private static func plan() -> Muster_V1_DocumentPlan {
        .with {
            $0.wanted = [.with { $0.document = 2 }]
            $0.coming = [32]
        }
    }

    private static func head() -> Muster_V1_DocumentHead {
        .with {
            $0.document = 2
            $0.digest = Data(digest)
            $0.basis = Data(digest)
            $0.encoding = .deflate
            $0.size = 512
            $0.inflatedSize = 2048
        }
    }

    private static func events() -> Muster_V1_EventBatch {
        let first = EventSequence(epoch: 9, number: 3)
        let event = DeviceEvent(
            type: "application-installed", severity: .info, occurred: time, parameters: ["name": .text("hello")],
            text: "hello 2.10 was installed")
        let gap = EventGap(counts: [.info: 10], from: time, to: time)
        return Muster_V1_EventBatch(
            [
                NumberedEvent(first: first, stamp: 77, content: .event(event), formerly: [EventSequence(epoch: 8, number: 1)]),
                NumberedEvent(first: EventSequence(epoch: 9, number: 4), count: 10, stamp: 78, content: .gap(gap)),
            ], clockOffset: .seconds(-90))
    }

    /// For these inputs alone.
    private static let keyPEM = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIP7DGEJAZzGU4B86wwzQX6SZoD6vSYu6d+Sn84wE2F97oAoGCCqGSM49
        AwEHoUQDQgAEDQcaCyEx0MxCL/zbq+I39HqxkJmsWCydOhAfj2gDYMQhPv4tJ98H
        z7EAf5uXLN92TwFFu1dhcCuoQN8V1TbhnQ==
        -----END EC PRIVATE KEY-----
        """
}
