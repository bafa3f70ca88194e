// SPDX-License-Identifier: Apache-2.0
internal import TTNMessages

/// The encoder of each format that is on, and of all together: v2 and v3 read a payload by different rules.
struct MessageEncoders: Sendable {
    let all: MessageEncoder
    let v2: MessageEncoder?
    let v3: MessageEncoder?
    /// As events are kept for people who ask.
    let history: MessageEncoder

    init(topics: TopicSpace, formats: Set<TTNFormat>, publishesFields: Bool) {
        func encoder(_ formats: Set<TTNFormat>) -> MessageEncoder {
            MessageEncoder(topics: topics, formats: formats, publishesFields: publishesFields)
        }
        all = encoder(formats)
        history = MessageEncoder(topics: topics, formats: [.v2], publishesFields: false)
        v2 = formats.contains(.v2) ? encoder([.v2]) : nil
        v3 = formats.contains(.v3) ? encoder([.v3]) : nil
    }
}
