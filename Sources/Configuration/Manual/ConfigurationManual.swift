// SPDX-License-Identifier: Apache-2.0

/// The configuration explained: the commented file that the program prints, and the table of its keys.
public enum ConfigurationManual {
    /// A group of keys with what it is about.
    struct Group {
        /// Such as `mqtt.tls`, or `coverages[]`.
        var path: String
        var reason: String
        var keys: [ConfigurationKey]
        /// Whether the whole group is a comment: it has no values that would suit everybody.
        var isCommentedOut = false
    }

    /// Every key in the order of the file.
    public static var keys: [ConfigurationKey] { groups.flatMap(\.keys) }

    /// The full configuration with every key, its meaning and its default.
    public static func yaml() -> String {
        var lines = introduction
        for group in groups {
            let depth = group.path.split(separator: ".").count - 1
            let isList = group.path.hasSuffix("[]")
            let listDepth = group.path.split(separator: ".").dropLast().count { $0.hasSuffix("[]") }
            let indent = String(repeating: "  ", count: depth + listDepth)
            let name = (group.path.split(separator: ".").last ?? "").replacing("[]", with: "")
            var block = depth == 0 ? [""] : []
            block += wrapped(group.reason, indent: indent)
            block.append("\(indent)\(name):")
            if isList { block.append("\(indent)  -") }
            let keyIndent = indent + (isList ? "    " : "  ")
            for key in group.keys { block += self.lines(of: key, indent: keyIndent) }
            lines += group.isCommentedOut ? block.map { $0.isEmpty ? "" : "# \($0)" } : block
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The table of the keys for the documentation, as Markdown.
    public static func markdown() -> String {
        var lines = ["| key | type | default | meaning |", "| --- | --- | --- | --- |"]
        for key in keys {
            let value = key.defaultValue.map { key.isCommentedOut ? $0 : "`\($0)`" } ?? "**required**"
            let cells = ["`\(key.path)`", key.type, value, key.reason].map { $0.replacing("|", with: "\\|") }
            lines.append("| \(cells.joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let introduction = [
        "# SPDX-License-Identifier: Apache-2.0",
        "# The configuration of ran-mqtt-bridge: every key with its type, its default and its meaning. Keys that begin",
        "# with # have no value of their own unless it is given. `ran-mqtt-bridge check --config FILE` says all that is",
        "# wrong with a file at once.",
        "#",
        "# A value may hold ${NAME}, which stands for an environment variable that must be set, or ${NAME:-text} with a",
        "# text for when it is not; $${ is ${ itself. JavaScript is left as it is.",
        "#",
        "# The environment overrides the file: RAN_MQTT_BRIDGE_ and the key in capitals with _ between its parts, as in",
        "# RAN_MQTT_BRIDGE_MQTT_URL. An element of a list is named by its name or id, or by its index from 0:",
        "# RAN_MQTT_BRIDGE_COVERAGES_EU_TOKEN, RAN_MQTT_BRIDGE_COVERAGES_0_TOKEN. Lists of words are parted by commas.",
    ]

    private static func lines(of key: ConfigurationKey, indent: String) -> [String] {
        let standard = key.defaultValue.map { "default \($0)" } ?? "must be given"
        var lines = wrapped("\(key.reason) (\(key.type); \(standard))", indent: indent)
        let value = key.example ?? key.defaultValue ?? ""
        lines.append("\(indent)\(key.isCommentedOut ? "# " : "")\(key.name): \(value)")
        return lines
    }

    /// A comment broken into lines of at most 118 columns, so that it fits as a comment of a comment, too.
    private static func wrapped(_ text: String, indent: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent.count + 2 + line.count + 1 + word.count > 118 {
                lines.append("\(indent)# \(line)")
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        if !line.isEmpty { lines.append("\(indent)# \(line)") }
        return lines
    }
}
