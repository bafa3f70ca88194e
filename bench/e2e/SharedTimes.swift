// SPDX-License-Identifier: Apache-2.0
import Glibc
import RANSimulator

/// When each message was sent, acked and received, in memory that generator, subscriber and bench share: a file that all
/// of them map. Moments are nanoseconds of CLOCK_MONOTONIC, which is one clock for all processes.
///
/// `@unchecked Sendable` is sound because: 1. the memory lives as long as the process; 2. each word has one writer: the
/// generator's thread (sent, acked) or the subscriber (received); 3. readers take whole words, and a stale one only makes
/// them look again.
final class SharedTimes: LoadRecorder, @unchecked Sendable {
    /// How many messages it can hold.
    static let capacity = 40_000_000
    private static let header = 8
    private let words: UnsafeMutablePointer<Int64>

    /// Maps the file, which is made when it is not there.
    init?(path: String) {
        let octets = (SharedTimes.header + 3 * SharedTimes.capacity) * MemoryLayout<Int64>.size
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard ftruncate(descriptor, octets) == 0,
            let memory = mmap(nil, octets, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else { return nil }
        words = memory.assumingMemoryBound(to: Int64.self)
    }

    var sentCount: Int { Int(words[0]) }
    var receivedCount: Int { Int(words[1]) }
    /// Messages received more than once.
    var repeatedCount: Int { Int(words[2]) }
    var underWay: Int { sentCount - receivedCount }

    func sent(_ message: Int) -> Int64 { words[SharedTimes.header + 3 * message] }
    func acked(_ message: Int) -> Int64 { words[SharedTimes.header + 3 * message + 1] }
    func received(_ message: Int) -> Int64 { words[SharedTimes.header + 3 * message + 2] }

    func noteSent(_ message: Int, at nanoseconds: Int64) {
        guard message < SharedTimes.capacity else { return }
        if sent(message) == 0 { words[0] += 1 }
        words[SharedTimes.header + 3 * message] = nanoseconds
    }

    func noteAcked(_ message: Int, at nanoseconds: Int64) {
        guard message < SharedTimes.capacity else { return }
        words[SharedTimes.header + 3 * message + 1] = nanoseconds
    }

    func noteReceived(_ message: Int, at nanoseconds: Int64) {
        guard message < SharedTimes.capacity else { return }
        guard received(message) == 0 else {
            words[2] += 1
            return
        }
        words[SharedTimes.header + 3 * message + 2] = nanoseconds
        words[1] += 1
    }
}

/// Nanoseconds of CLOCK_MONOTONIC.
func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
