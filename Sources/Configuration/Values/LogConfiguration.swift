// SPDX-License-Identifier: Apache-2.0

/// What is logged, and how.
public struct LogConfiguration: Hashable, Sendable {
    /// The least level that is written.
    public enum Level: String, Hashable, Sendable {
        case debug, info, warning, error
    }

    /// The form of a line.
    public enum Format: String, Hashable, Sendable {
        case text, json
    }

    public var level: Level
    public var format: Format

    init(_ section: Section) {
        defer { section.finish() }
        level =
            section.choice(
                "level",
                among: ["debug": Level.debug, "info": .info, "warning": .warning, "error": .error],
            ) ?? .info
        format = section.choice("format", among: ["text": Format.text, "json": .json]) ?? .text
    }
}
