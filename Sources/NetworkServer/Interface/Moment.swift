// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// The present, as the shell hands it in: the monotonic clock rules windows and time-outs, the wall clock is only told on.
public struct Moment: Hashable, Sendable {
    /// Nanoseconds of a clock that never steps.
    public var monotonic: Int64
    /// The wall clock at the same instant.
    public var wall: UnixTime

    public init(monotonic: Int64, wall: UnixTime) {
        self.monotonic = monotonic
        self.wall = wall
    }
}
