// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization

/// Process signals as a sequence, received by a thread of its own through `sigwait`.
public struct SignalSource: Sendable {
    /// The signals in order of arrival.
    public let signals: AsyncStream<Int32>

    /// Blocks the given signals for the whole process and starts listening. Make it first thing in `main`, before any
    /// other thread exists: threads made later inherit the mask. When it returns no signal can be lost or kill.
    public init(_ numbers: [Int32]) {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let (stream, continuation) = AsyncStream<Int32>.makeStream(bufferingPolicy: .bufferingNewest(16))
        signals = stream
        let waited = set
        let listener = NamedThread("signals") {
            var set = waited
            var number: Int32 = 0
            while sigwait(&set, &number) == 0 {
                if case .terminated = continuation.yield(number) { return }
            }
        }
        _ = listener
    }
}
