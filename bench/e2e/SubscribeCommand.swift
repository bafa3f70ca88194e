// SPDX-License-Identifier: Apache-2.0
import Glibc
import RANSimulator

/// `subscribe`: notes when each uplink arrives at an MQTT subscriber. Speaks just enough MQTT 3.1.1 by itself, at QoS 0, so
/// that listening costs next to nothing.
enum SubscribeCommand {
    /// - Parameter arguments: the broker's port, the number of devices, and the path of the shared times.
    static func run(_ arguments: [String]) -> Int32 {
        guard arguments.count == 3, let port = UInt16(arguments[0]), let devices = Int(arguments[1]),
            let times = SharedTimes(path: arguments[2]), let descriptor = connected(to: port)
        else { return 2 }
        let plan = LoadPlan(deviceCount: devices, candidates: 2, payload: [])
        let topic = Array("bench/devices/+/up".utf8)
        // CONNECT with a keep-alive of an hour, then SUBSCRIBE.
        let connect: [UInt8] = [0x10, 17, 0, 4] + "MQTT".utf8 + [4, 2, 0x0E, 0x10, 0, 5] + "bench".utf8
        let subscribe = [0x82, UInt8(topic.count + 5), 0, 1, 0, UInt8(topic.count)] + topic + [0]
        let hello = connect + subscribe
        guard send(descriptor, hello, hello.count, 0) == hello.count else { return 1 }
        var buffer: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = recv(descriptor, &part, part.count, 0)
            guard count > 0 else { return 0 }
            let now = monotonicNanoseconds()
            buffer.append(contentsOf: part[..<count])
            var offset = 0
            while let packet = Packet(buffer, at: offset) {
                offset = packet.end
                if packet.type == 9 {
                    print("subscribed")
                    fflush(nil)
                } else if packet.type == 3, let (device, counter) = packet.uplink(in: buffer) {
                    times.noteReceived(plan.message(of: device, counter: counter), at: now)
                }
            }
            buffer.removeFirst(offset)
        }
    }

    static func connected(to port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}

/// One MQTT packet in a buffer.
private struct Packet {
    let type: UInt8
    let body: Range<Int>
    var end: Int { body.upperBound }

    /// Nil while it is not whole.
    init?(_ buffer: [UInt8], at start: Int) {
        guard start < buffer.count else { return nil }
        var length = 0
        var shift = 0
        var index = start + 1
        while index < buffer.count {
            length |= Int(buffer[index] & 0x7F) << shift
            shift += 7
            index += 1
            if buffer[index - 1] & 0x80 == 0 {
                guard index + length <= buffer.count else { return nil }
                type = buffer[start] >> 4
                body = index..<(index + length)
                return
            }
        }
        return nil
    }

    /// The device's index from the topic `bench/devices/d<index>/up`, the frame counter from the payload.
    func uplink(in buffer: [UInt8]) -> (device: Int, counter: UInt32)? {
        let topicCount = Int(buffer[body.lowerBound]) << 8 | Int(buffer[body.lowerBound + 1])
        let prefix = "bench/devices/d".utf8.count
        let topic = body.lowerBound + 2
        let device = number(in: buffer, at: topic + prefix)
        let wanted: StaticString = "\"counter\":"
        var index = topic + topicCount
        while index + wanted.utf8CodeUnitCount < end {
            if buffer[index] == UInt8(ascii: "\""), matches(wanted, buffer, at: index) {
                return (device, UInt32(number(in: buffer, at: index + wanted.utf8CodeUnitCount)))
            }
            index += 1
        }
        return nil
    }

    private func matches(_ text: StaticString, _ buffer: [UInt8], at index: Int) -> Bool {
        for offset in 0..<text.utf8CodeUnitCount where buffer[index + offset] != text.utf8Start[offset] { return false }
        return true
    }

    private func number(in buffer: [UInt8], at start: Int) -> Int {
        var value = 0
        var index = start
        while index < end, case let digit = buffer[index] &- 48, digit < 10 {
            value = 10 * value + Int(digit)
            index += 1
        }
        return value
    }
}
