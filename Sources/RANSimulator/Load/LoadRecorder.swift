// SPDX-License-Identifier: Apache-2.0

/// Notes when messages of a load went out and were answered; called on the simulator's thread.
public protocol LoadRecorder: Sendable {
    /// A message is about to be written to its socket.
    func noteSent(_ message: Int, at nanoseconds: Int64)
    /// Its right ack came.
    func noteAcked(_ message: Int, at nanoseconds: Int64)
    /// How many of the messages sent so far are still under way, in the eyes of whoever measures.
    var underWay: Int { get }
}
