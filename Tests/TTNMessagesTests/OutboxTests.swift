// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import TTNMessages
import Testing

@Suite struct OutboxTests {
    @Test func `an uplink published after a restart says that it may be a repetition`() throws {
        let octets = OutboxRecord(.uplink(Sample.uplink)).encoded()
        guard case .uplink(let uplink) = try OutboxRecord(decoding: octets).redelivered else {
            Issue.record("the uplink came back as something else")
            return
        }
        #expect(uplink.repetition == .redelivery)
        #expect(uplink.isRetry)
        var again = uplink
        again.repetition = .none
        #expect(again == Sample.uplink)
    }

    @Test func `a retransmission stays one, and events stay as they are`() {
        var uplink = Sample.uplink
        uplink.repetition = .retransmission
        #expect(OutboxRecord(.uplink(uplink)).redelivered == .uplink(uplink))
        let event = ApplicationMessage.downlink(Sample.downlink(.scheduled))
        #expect(OutboxRecord(event).redelivered == event)
    }

    @Test func `a record of another version is refused by name`() {
        var octets = OutboxRecord(.uplink(Sample.uplink)).encoded()
        octets[0] = 9
        #expect(throws: RecordError.unknownVersion(9)) { try OutboxRecord(decoding: octets) }
        #expect(throws: RecordError.damaged(offset: 0)) { try OutboxRecord(decoding: []) }
    }

    @Test func `a queued request comes back as it was`() throws {
        var request = Sample.request
        request.priority = .high
        request.forbidsClassA = true
        request.absoluteTime = UnixTime(nanoseconds: -5)
        request.maximumAttempts = 100
        request.fields = Array(#"{"a":1}"#.utf8)
        #expect(try DownlinkRequest(decoding: request.encoded()) == request)
        let bare = DownlinkRequest(origin: .v3)
        #expect(try DownlinkRequest(decoding: bare.encoded()) == bare)
    }

    @Test func `extreme figures come back`() throws {
        var uplink = Sample.fullUplink
        uplink.counter = .max
        uplink.receivedAt = UnixTime(nanoseconds: .min)
        uplink.location = GeoLocation(latitude: -.pi, longitude: .leastNonzeroMagnitude, altitude: -430, source: .gps)
        uplink.device.devEUI = EUI64(rawValue: .max)
        uplink.payload = Array(repeating: 0xFF, count: 242)
        let event = ErrorEvent(
            subject: .network(),
            kind: .activation,
            report: FailureReport("x", reason: "y", figures: [.init("low", Int64.min), .init("high", Int64.max)]),
            time: Sample.time,
        )
        for message in [ApplicationMessage.uplink(uplink), .error(event)] {
            #expect(try OutboxRecord(decoding: OutboxRecord(message).encoded()).message == message)
        }
    }

    @Test(arguments: GoldenCase.all)
    func `a damaged record is refused or read, never a crash`(sample: GoldenCase) {
        let octets = OutboxRecord(sample.message).encoded()
        for index in octets.indices.dropFirst() {
            for flip in [0x01, 0x80, 0xFF] as [UInt8] {
                var damaged = octets
                damaged[index] ^= flip
                if let record = try? OutboxRecord(decoding: damaged) {
                    // What is read is a message like any other: it can be stored again.
                    #expect((try? OutboxRecord(decoding: record.encoded())) != nil)
                }
            }
        }
    }

    @Test func `an uplink takes few octets`() {
        #expect(OutboxRecord(.uplink(Sample.uplink)).encoded().count < 200)
    }
}
