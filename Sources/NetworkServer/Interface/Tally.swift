// SPDX-License-Identifier: Apache-2.0

/// What a shard counted since it was made: outcomes that no effect shows by itself.
public struct Tally: Hashable, Sendable {
    /// Copies acknowledged and merged into their uplink.
    public var copiesMerged: UInt64 = 0
    /// Copies acknowledged after their uplink was released.
    public var copiesLate: UInt64 = 0
    /// Answers without application payload that the RAN did not send in either window.
    public var answersNotSent: UInt64 = 0
    /// Answers that were due but found both windows passed.
    public var answersTooLate: UInt64 = 0
    /// Results of the RAN for transmissions that are not, or no longer, waited for.
    public var resultsUnknown: UInt64 = 0

    public init() {}
}
