// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What one load gave.
struct Load {
    let messages: Range<Int>
    let times: SharedTimes
    let acked: Int
    let refused: Int
    /// Microseconds of CPU a message: of the bridge with its workers, the broker, the generator, the subscriber.
    let cpu: [Double]

    /// Messages that never came out.
    var missing: Int { messages.count { times.received($0) == 0 } }

    /// Messages a second that came out, the first fifth left aside.
    var rate: Double {
        let moments = messages.map { times.received($0) }.filter { $0 > 0 }.sorted()
        guard let last = moments.last, moments.count > 10 else { return 0 }
        let first = moments[moments.count / 5]
        return Double(moments.count - moments.count / 5) / (Double(max(1, last - first)) / 1e9)
    }

    /// Milliseconds from sending a frame to its ack, sorted.
    var toAck: [Double] { delays { times.acked($0) } }

    /// Milliseconds from sending a frame to its message at the subscriber, sorted.
    var toSubscriber: [Double] { delays { times.received($0) } }

    private func delays(_ end: (Int) -> Int64) -> [Double] {
        // The first tenth finds caches cold.
        messages.dropFirst(messages.count / 10).compactMap { message in
            let moment = end(message)
            return moment > 0 ? Double(moment - times.sent(message)) / 1e6 : nil
        }.sorted()
    }
}

extension [Double] {
    /// The value below which that share of a sorted list lies.
    func percentile(_ share: Double) -> Double {
        isEmpty ? .nan : self[Swift.min(count - 1, Int(Double(count) * share))]
    }
}
