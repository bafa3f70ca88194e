// SPDX-License-Identifier: Apache-2.0

/// Figures of a store since it was opened.
public struct StoreStatistics: Hashable, Sendable {
    /// Transactions that became durable.
    public var commits = 0
    /// Changes in them.
    public var mutations = 0
    /// Transactions that were refused.
    public var failures = 0
    /// Pages in the write-ahead log after the last commit; it grows while a reader holds an old picture.
    public var logPages = 0
    /// Times that the log was copied to the database.
    public var checkpoints = 0
    /// Times that copying failed. The log keeps everything meanwhile, and grows.
    public var checkpointFailures = 0
    /// Why copying failed last.
    public var lastCheckpointFailure: StoreError?
}
