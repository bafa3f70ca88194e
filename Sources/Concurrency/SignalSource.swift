// SPDX-License-Identifier: Apache-2.0
internal import CThreads
internal import Glibc

/// Process signals as a sequence, passed on by a handler through a pipe to a thread of their own.
public struct SignalSource: Sendable {
    /// The signals in order of arrival.
    public let signals: AsyncStream<Int32>

    /// Catches the given signals for the whole process and starts listening. When it returns no signal can be lost or
    /// kill; make it first thing in `main`.
    public init(_ numbers: [Int32]) {
        let pipe = cthreads_catch_signals(numbers, Int32(numbers.count))
        precondition(pipe >= 0, "the system refuses to catch signals \(numbers): error \(errno)")
        let (stream, continuation) = AsyncStream<Int32>.makeStream(bufferingPolicy: .bufferingNewest(16))
        signals = stream
        let listener = NamedThread("signals") {
            var number: UInt8 = 0
            while true {
                let count = read(pipe, &number, 1)
                if count < 0, errno == EINTR { continue }
                guard count == 1 else { return }
                if case .terminated = continuation.yield(Int32(number)) { return }
            }
        }
        _ = listener
    }
}
