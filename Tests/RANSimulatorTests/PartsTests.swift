// SPDX-License-Identifier: Apache-2.0
import Concurrency
import LoRaWAN
import Testing

@testable import RANSimulator

@Suite struct PartsTests {
    @Test("timers come in the order of their moments, equal ones in the order they were set")
    func timers() {
        var random = SeededRandom(seed: 7)
        var queue = TimerQueue<Int>()
        var expected: [(Int64, Int)] = []
        for number in 0..<1000 {
            let moment = Int64.random(in: 0..<50, using: &random)
            expected.append((moment, number))
            queue.schedule(number, at: MonotonicTime(nanoseconds: moment))
        }
        expected.sort { $0 < $1 }
        var popped: [Int] = []
        while let (event, _) = queue.popDue(at: MonotonicTime(nanoseconds: 49)) { popped.append(event) }
        #expect(popped == expected.map(\.1))
        queue.schedule(1, at: MonotonicTime(nanoseconds: 60))
        #expect(queue.popDue(at: MonotonicTime(nanoseconds: 59)) == nil)
        #expect(queue.earliest == MonotonicTime(nanoseconds: 60))
    }

    @Test("waiting messages keep their octets and their room in front while others leave")
    func outgoing() throws {
        var messages = OutgoingMessages()
        let bodies = (0..<10_000).map { [UInt8](repeating: UInt8($0 & 255), count: $0 % 50) }
        for body in bodies { messages.append(body, as: .text) }
        for body in bodies {
            let piece = try #require(messages.first)
            #expect(piece.start >= 16 && piece.count == body.count)
            let same = messages.withUnsafeMutableOctets(of: piece) { start in
                (0..<piece.count).allSatisfy { start[$0] == body[$0] }
            }
            #expect(same == true)
            messages.removeFirst()
        }
        #expect(messages.first == nil && messages.waitingOctets == 0)
    }

    @Test(
        "times are written as the API does",
        arguments: [
            (Int64(1_653_905_204_726_471_000), "2022-05-30T10:06:44.726471"), (0, "1970-01-01T00:00:00"),
            (1_709_164_800_000_000_000, "2024-02-29T00:00:00"),
            (4_102_444_799_000_001_000, "2099-12-31T23:59:59.000001"),
        ] as [(Int64, String)],
    )
    func times(nanoseconds: Int64, text: String) {
        #expect(APITime(time: UnixTime(nanoseconds: nanoseconds)).text == text)
    }

    @Test(
        "an ack means the same in any order, with blanks, and with unknown members",
        arguments: [
            #"{"ProtocolVersion":1,"TransactionID":18446744073709551615,"DevEUI":18364758544493064720,"MIC":4294967295}"#,
            #" { "MIC" : 4294967295 , "DevEUI" : 18364758544493064720 , "TransactionID":18446744073709551615,"ProtocolVersion":1}"#,
            #"{"ProtocolVersion":1,"TransactionID":18446744073709551615,"DevEUI":18364758544493064720,"MIC":4294967295,"X":[1]}"#,
        ],
    )
    func acks(text: String) throws {
        let octets = Array(text.utf8)
        guard case .ack(.max, let devEUI, .max) = try ClientReply(octets.span) else {
            Issue.record("not read as the ack it is")
            return
        }
        #expect(devEUI == EUI64(rawValue: 0xFEDC_BA98_7654_3210))
    }

    @Test(
        "what is no reply is refused",
        arguments: [
            "", "{}", #"{"ProtocolVersion":1,"TransactionID":18446744073709551616,"DevEUI":1,"MIC":1}"#,
            #"{"ProtocolVersion":1,"TransactionID":01,"DevEUI":1,"MIC":1}"#,
            #"{"ProtocolVersion":1,"TransactionID":1,"DevEUI":1,"MIC":1}x"#,
            #"{"ProtocolVersion":1,"TransactionID":1,"DevEUI":1}"#,
        ],
    )
    func noReplies(text: String) {
        #expect(throws: ReplyError.self) { try ClientReply(Array(text.utf8).span) }
    }

    @Test("a device of a fixed plan sends on the channels that are on, and joins on those its data rate needs")
    func fixedPlan() throws {
        let region = try #require(Region.named("US915"))
        var random = SeededRandom(seed: 1)
        var radio = RadioState(region: region, dataRate: 3, rx1Delay: 1, enabled: Array(8..<16) + [65])
        for _ in 0..<100 { #expect((8..<16).contains(radio.drawChannel(random: &random))) }
        radio.dataRate = 4
        #expect(radio.drawChannel(random: &random) == 65)
        #expect(radio.rx1(channel: 65, dataRate: 4, offset: 0) == ReceiveWindow(frequency: 923_900_000, dataRate: 13))
        radio.adopt(.channelMasks([0x00FF, 0, 0, 0, 1]))
        radio.dataRate = 0
        for _ in 0..<100 { #expect((0..<8).contains(radio.drawChannel(random: &random))) }
    }

    @Test("payloads are what their names say")
    func payloads() {
        #expect(PayloadGenerator.cayenneLPP.payload(number: 0) == [1, 0x67, 0, 150, 2, 0x68, 80])
        #expect(PayloadGenerator.cayenneLPP.payload(number: 150)[..<4] == [1, 0x67, 1, 44])
        #expect(PayloadGenerator.counter(count: 4).payload(number: 258) == [0, 0, 1, 2])
        #expect(PayloadGenerator.fixed([7]).payload(number: 9) == [7])
    }

    @Test("a device that must wait for its windows does, one whose interval leaves no time does not")
    func overlap() throws {
        let keys = try #require(AES128Key(hex: "000102030405060708090a0b0c0d0e0f"))
        func moments(interval: Duration) throws -> [Double] {
            var configuration = VirtualDeviceConfiguration(
                name: "d",
                devEUI: EUI64(rawValue: 1),
                activation: .abp(devAddr: DevAddr(rawValue: 1), keys: SessionKeys(nwkSKey: keys, appSKey: keys)),
            )
            configuration.interval = interval
            configuration.isPoisson = true
            var device = try VirtualDevice(configuration, scale: 1, historyLimit: 0)
            var random = SeededRandom(seed: 3)
            device.start(at: MonotonicTime(nanoseconds: 0), random: &random)
            var moments: [Double] = []
            while moments.count < 300, let next = device.nextWake {
                if device.wake(at: next, random: &random) != nil { moments.append(Double(next.nanoseconds) / 1e9) }
            }
            return moments
        }
        let slow = try moments(interval: .seconds(6))
        #expect(zip(slow, slow.dropFirst()).allSatisfy { $1 - $0 >= 2.1 - 1e-6 })
        let quick = try moments(interval: .seconds(1))
        #expect(quick.count == 300 && (quick.last ?? 0) < 450)
    }
}
