// SPDX-License-Identifier: Apache-2.0

/// One figure of the benchmark of formatters.
public struct CodecFigure: Hashable, Sendable {
    /// What was measured, in lower_snake words.
    public let name: String
    public let value: Double
    /// `us`, `MiB` or `%`.
    public let unit: String
    /// Over how many calls.
    public let calls: Int
}
