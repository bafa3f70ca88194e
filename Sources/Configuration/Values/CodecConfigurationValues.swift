// SPDX-License-Identifier: Apache-2.0

/// How payload functions run.
public struct CodecConfigurationValues: Hashable, Sendable {
    /// Worker processes; nil for one a processor, up to four.
    public var workers: Int?
    /// The longest time of one call.
    public var timeLimit: Duration
    /// Octets of memory for one worker.
    public var memoryLimit: Int
    /// The directory of formatters that devices name; nil for none.
    public var formatters: String?

    init(_ section: Section) {
        defer { section.finish() }
        workers = section.integer("workers", in: 1...64)
        timeLimit = section.milliseconds("time_limit_ms", in: 1...10_000) ?? .milliseconds(100)
        memoryLimit = (section.integer("memory_mb", in: 64...65_536) ?? 256) << 20
        formatters = section.value("formatters", expected: "the path of a directory", { $0.isEmpty ? nil : $0 })
    }
}
