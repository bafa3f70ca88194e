// SPDX-License-Identifier: Apache-2.0

/// Turns each message into what applications hear, in every format that is switched on.
public struct MessageEncoder: Sendable {
    /// Where the topics live.
    public let topics: TopicSpace
    private let v2: TTNv2Encoder
    private let v3: TTNv3Encoder
    private let speaksV2: Bool
    private let speaksV3: Bool

    /// - Parameters:
    ///   - publishesFields: whether v2 publishes each decoded field on a topic of its own, too.
    ///   - tellsV3Errors: whether v3 tells refused uplinks and activations as `service/data`.
    public init(
        topics: TopicSpace,
        formats: Set<TTNFormat>,
        publishesFields: Bool = true,
        tellsV3Errors: Bool = true,
    ) {
        self.topics = topics
        v2 = TTNv2Encoder(topics: topics, publishesFields: publishesFields)
        v3 = TTNv3Encoder(topics: topics, tellsErrors: tellsV3Errors)
        speaksV2 = formats.contains(.v2)
        speaksV3 = formats.contains(.v3)
    }

    /// The messages to publish, in the order in which they shall go out.
    public func messages(for message: ApplicationMessage) -> [OutgoingMessage] {
        var output: [OutgoingMessage] = []
        // The operator's topic belongs to neither format and is told once, whatever is switched on.
        if speaksV2 || message.isForOperator { v2.encode(message, into: &output) }
        if speaksV3 { v3.encode(message, into: &output) }
        return output
    }
}

extension MessageEncoder {
    /// The messages of an uplink, made without a copy of it.
    public func messages(for uplink: UplinkMessage) -> [OutgoingMessage] {
        var output: [OutgoingMessage] = []
        if speaksV2 { v2.encode(uplink, into: &output) }
        if speaksV3 { v3.encode(uplink, into: &output) }
        return output
    }
}

extension ApplicationMessage {
    fileprivate var isForOperator: Bool {
        if case .error(let event) = self, case .network = event.subject { true } else { false }
    }
}
