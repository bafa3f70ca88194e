// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Management requests while 1,000 uplinks a second flow: how long each waits for its answer, and how many are answered
/// one after the other and at once.
enum Requests {
    private static let uplinkRate = 1000.0
    private static let seconds = 10.0

    static func measure() throws -> [Measurement] {
        let stack = try Stack(Stack.Setup())
        defer { stack.stop() }
        _ = try stack.load(5000, rate: uplinkRate)
        var measurements: [Measurement] = []
        let kinds: [(String, @Sendable (Int) -> (method: String, members: String))] = [
            ("device", { ("device", #""dev_id":"d\#($0 % 1000)""#) }),
            (
                "update_device",
                { ("update_device", #""dev_id":"d\#($0 % 1000)","device":{"description":"n \#($0)"}"#) }
            ),
        ]
        let client = try RequestClient(port: stack.brokerPort)
        for (name, request) in kinds {
            var delays: [Double] = []
            let load = try stack.load(Int(uplinkRate * seconds), rate: uplinkRate) {
                let end = monotonicNanoseconds() + Int64((seconds - 1) * 1e9)
                while monotonicNanoseconds() < end {
                    let (method, members) = request(delays.count)
                    delays.append(try client.delay(method, members))
                    // Not in step with anything else.
                    usleep(UInt32.random(in: 1000..<5000))
                }
            }
            guard load.missing == 0 else {
                throw Child.Failure(description: "\(load.missing) uplinks did not come out")
            }
            delays.sort()
            measurements.append(Measurement("requests: \(name), p50", delays.percentile(0.5), "ms"))
            measurements.append(Measurement("requests: \(name), p99", delays.percentile(0.99), "ms"))
            var rate = 0.0
            _ = try stack.load(Int(uplinkRate * seconds), rate: uplinkRate) {
                rate = try client.rate(of: request, atOnce: 50, within: seconds - 1)
            }
            measurements.append(Measurement("requests: \(name), 50 at once", rate, "/s"))
        }
        return measurements
    }
}

/// Speaks just enough MQTT 3.1.1 to ask and to hear the answers, at QoS 0.
private final class RequestClient {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var last = 0

    init(port: UInt16) throws {
        guard let descriptor = SubscribeCommand.connected(to: port) else {
            throw Child.Failure(description: "the broker does not listen")
        }
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        self.descriptor = descriptor
        let name = Array("asks-\(UInt32.random(in: 0 ... .max))".utf8)
        let topic = Array("bench/response/#".utf8)
        let hello: [UInt8] =
            [0x10, UInt8(12 + name.count), 0, 4] + "MQTT".utf8 + [4, 2, 0, 60, 0, UInt8(name.count)] + name
        try write(hello + [0x82, UInt8(topic.count + 5), 0, 1, 0, UInt8(topic.count)] + topic + [0])
        // SUBACK.
        while try packet().type != 9 {}
    }

    deinit { close(descriptor) }

    /// Asks, and gives back how long the answer took in milliseconds.
    func delay(_ method: String, _ members: String) throws -> Double {
        let start = monotonicNanoseconds()
        let id = try ask(method, members)
        while try answer() != id {}
        return Double(monotonicNanoseconds() - start) / 1e6
    }

    /// Answers a second while so many requests are under way.
    func rate(
        of request: (Int) -> (method: String, members: String),
        atOnce: Int,
        within seconds: Double,
    ) throws -> Double {
        let start = monotonicNanoseconds()
        let end = start + Int64(seconds * 1e9)
        var asked = 0
        var answered = 0
        while monotonicNanoseconds() < end {
            while asked - answered < atOnce {
                let (method, members) = request(asked)
                _ = try ask(method, members)
                asked += 1
            }
            _ = try answer()
            answered += 1
        }
        let rate = Double(answered) / (Double(monotonicNanoseconds() - start) / 1e9)
        while answered < asked {
            _ = try answer()
            answered += 1
        }
        return rate
    }

    private func ask(_ method: String, _ members: String) throws -> Int {
        last += 1
        let topic = Array("bench/request/\(method)".utf8)
        let body = Array(#"{"request_id":"\#(last)",\#(members)}"#.utf8)
        let count = 2 + topic.count + body.count
        let length = count < 128 ? [UInt8(count)] : [UInt8(count & 0x7F) | 0x80, UInt8(count >> 7)]
        try write([0x30] + length + [0, UInt8(topic.count)] + topic + body)
        return last
    }

    /// The id of the next answer, which must say that it was done.
    private func answer() throws -> Int {
        while true {
            let (type, body) = try packet()
            guard type == 3 else { continue }
            let topicCount = Int(body[0]) << 8 | Int(body[1])
            let topic = String(decoding: body[2..<(2 + topicCount)], as: UTF8.self)
            let text = String(decoding: body[(2 + topicCount)...], as: UTF8.self)
            guard text.contains(#""ok":true"#), let id = topic.split(separator: "/").last.flatMap({ Int($0) }) else {
                throw Child.Failure(description: "\(topic) says \(text)")
            }
            return id
        }
    }

    private func write(_ octets: [UInt8]) throws {
        guard send(descriptor, octets, octets.count, 0) == octets.count else {
            throw Child.Failure(description: "the broker ended the connection")
        }
    }

    private func packet() throws -> (type: UInt8, body: ArraySlice<UInt8>) {
        while true {
            var length = 0
            var index = 1
            while index < buffer.count {
                length |= Int(buffer[index] & 0x7F) << (7 * (index - 1))
                index += 1
                guard buffer[index - 1] & 0x80 == 0 else { continue }
                guard index + length <= buffer.count else { break }
                let packet = (buffer[0] >> 4, Array(buffer[index..<(index + length)])[...])
                buffer.removeFirst(index + length)
                return packet
            }
            var part = [UInt8](repeating: 0, count: 1 << 16)
            let count = recv(descriptor, &part, part.count, 0)
            guard count > 0 else { throw Child.Failure(description: "the broker ended the connection") }
            buffer += part[..<count]
        }
    }
}
