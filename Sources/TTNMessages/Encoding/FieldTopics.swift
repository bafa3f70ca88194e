// SPDX-License-Identifier: Apache-2.0

/// v2's messages of single fields: `up/<field>` and, inside objects, `up/<field>/<member>`.
struct FieldTopics {
    /// How deep objects are followed; deeper ones are published whole only.
    private static let maximumDepth = 32
    /// MQTT's own limit (section 1.5.4).
    private static let maximumTopicSize = 65_535

    private let text: JSONText
    private let descends: Bool
    private(set) var messages: [OutgoingMessage] = []

    /// Makes the messages of an object's members. Names that no topic can hold are left out, with all below them.
    static func messages(fields: [UInt8], under topic: String, descends: Bool) -> [OutgoingMessage] {
        var walk = FieldTopics(text: JSONText(octets: fields), descends: descends)
        walk.visit(0..<fields.count, under: topic, depth: 0)
        return walk.messages
    }

    private init(text: JSONText, descends: Bool) {
        self.text = text
        self.descends = descends
    }

    private mutating func visit(_ object: Range<Int>, under topic: String, depth: Int) {
        let text = text
        text.forEachMember(in: object) { nameRange, value in
            guard let name = text.name(nameRange), FieldTopics.fits(name) else { return }
            let size = topic.utf8.count + 1 + name.utf8.count
            guard size <= FieldTopics.maximumTopicSize else { return }
            var own = ""
            own.reserveCapacity(size)
            own += topic
            own += "/"
            own += name
            messages.append(
                OutgoingMessage(topic: own, payload: Array(text.octets[value]), kind: .field, format: .v2),
            )
            if descends, depth < FieldTopics.maximumDepth, text.isObject(value) {
                visit(value, under: own, depth: depth + 1)
            }
        }
    }

    private static func fits(_ name: String) -> Bool {
        !name.utf8.contains { character in
            switch character {
            case 0, UInt8(ascii: "+"), UInt8(ascii: "#"), UInt8(ascii: "*"): true
            default: false
            }
        }
    }
}
