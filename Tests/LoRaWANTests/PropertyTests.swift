// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import TestSupport
import Testing

/// Claims over thousands of seeded random values.
@Suite struct PropertyTests {
    private static let rounds = 5000

    @Test func `a data frame survives encoding and parsing`() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<Self.rounds {
            let frame = random.dataFrame()
            let octets = frame.encodedWithoutMIC()
            let mic = MIC(rawValue: random.number())
            switch frame.direction {
            case .up:
                #expect(try UplinkFrame(parsingWithoutMIC: octets) == .data(frame))
                let whole = try UplinkFrame.parsing(octets + mic.octets)
                #expect(whole.frame == .data(frame) && whole.mic == mic)
            case .down:
                #expect(try DownlinkFrame(parsing: octets + mic.octets) == .data(frame, mic))
            }
        }
    }

    @Test func `a join-accept survives encryption and decryption, with the right key only`() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<500 {
            let accept = random.joinAccept(optNeg: false)
            let key = random.key()
            let phyPayload = accept.encrypted(appKey: key)
            #expect(try JoinAccept(decrypting: phyPayload, appKey: key) == accept)
            #expect(try JoinAccept(decrypting: phyPayload, appKey: random.key()) == nil)
        }
    }

    @Test func `a 1.1 device reads what a 1.0 server accepts it with`() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let accept = random.joinAccept(optNeg: false)
            let nwkKey = random.key()
            let context = JoinAcceptContext(answering: .join, joinEUI: random.eui(), devNonce: random.number())
            let opened = try JoinAccept(
                decrypting: accept.encrypted(appKey: nwkKey),
                nwkKey: nwkKey,
                joinServerKeys: JoinServerKeys(nwkKey: nwkKey, devEUI: random.eui()),
                context: context,
            )
            #expect(opened == accept)
        }
    }

    @Test func `the cipher undoes itself at every length`() {
        var random = SeededGenerator(seed: 4)
        for length in 0...260 {
            let payload = random.octets(count: length)
            let key = random.key()
            let devAddr = DevAddr(rawValue: random.number())
            let counter: UInt32 = random.number()
            func applied(_ octets: [UInt8]) -> [UInt8] {
                FRMPayloadCipher.apply(
                    key: key,
                    direction: .down,
                    devAddr: devAddr,
                    counter: counter,
                    payload: octets,
                )
            }
            #expect(applied(applied(payload)) == payload)
            #expect(length < 8 || applied(payload) != payload)
        }
    }

    @Test func `random octets are read or refused, never more`() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<Self.rounds * 4 {
            let octets = random.octets(count: Int.random(in: 0...80, using: &random))
            if let frame = try? UplinkFrame(parsingWithoutMIC: octets), let again = frame.encodedWithoutMIC() {
                #expect(again.count == octets.count)
                #expect((try? UplinkFrame(parsingWithoutMIC: again)) == frame)
            }
            if case .data(let frame, let mic) = try? DownlinkFrame(parsing: octets) {
                #expect(frame.encodedWithoutMIC().count + mic.octets.count == octets.count)
            }
            _ = try? JoinAccept(decrypting: octets, appKey: random.key())
            checkSequence(UplinkMACCommand.self, octets)
            checkSequence(DownlinkMACCommand.self, octets)
            let uplinks = ClockSyncUplink.parse(octets).messages
            #expect(ClockSyncUplink.parse(uplinks.flatMap(\.octets)).messages == uplinks)
            let downlinks = ClockSyncDownlink.parse(octets).messages
            #expect(ClockSyncDownlink.parse(downlinks.flatMap(\.octets)).messages == downlinks)
        }
    }

    @Test func `random MAC commands survive encoding and parsing`() {
        var random = SeededGenerator(seed: 6)
        for _ in 0..<Self.rounds {
            // Identifiers that exist, with random payloads: most octets of real sequences.
            let identifier = UInt8.random(in: 1...0x20, using: &random)
            let octets = [identifier] + random.octets(count: 5)
            checkSequence(UplinkMACCommand.self, octets)
            checkSequence(DownlinkMACCommand.self, octets)
        }
    }

    @Test func `time survives the way to GPS and back`() {
        var random = SeededGenerator(seed: 8)
        for _ in 0..<Self.rounds {
            let time = UnixTime(nanoseconds: Int64.random(in: 0...4_000_000_000_000_000_000, using: &random))
            #expect(GPSTime(time).unixTime == time)
        }
    }

    @Test func `a candidate counter has the received low bits and is never below the last`() {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<Self.rounds {
            let last = random.number(UInt32.self) >> 1
            let received: UInt16 = random.number()
            let candidate = FrameCounter.candidate(last: last, received: received)
            #expect(UInt16(truncatingIfNeeded: candidate) == received)
            #expect(candidate >= last && candidate - last <= 0xffff)
        }
    }

    @Test func `one changed bit changes a MIC`() {
        var random = SeededGenerator(seed: 10)
        for _ in 0..<500 {
            let key = random.key()
            var octets = random.octets(count: Int.random(in: 12...60, using: &random))
            let devAddr = DevAddr(rawValue: random.number())
            let before = MIC.dataUplink10(key: key, devAddr: devAddr, counter: 1, octets: octets)
            octets[Int.random(in: octets.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(MIC.dataUplink10(key: key, devAddr: devAddr, counter: 1, octets: octets) != before)
        }
    }

    private func checkSequence<Command: MACCommand>(_: Command.Type, _ octets: [UInt8]) {
        let sequence = MACCommandSequence<Command>(parsing: octets)
        let encoded = Command.octets(of: sequence.commands)
        #expect(encoded.count + sequence.rest.count == octets.count)
        #expect(MACCommandSequence<Command>(parsing: encoded).commands == sequence.commands)
    }
}

extension SeededGenerator {
    fileprivate mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number {
        Number(truncatingIfNeeded: next())
    }

    fileprivate mutating func octets(count: Int) -> [UInt8] { (0..<count).map { _ in number() } }
    fileprivate mutating func eui() -> EUI64 { EUI64(rawValue: next()) }

    fileprivate mutating func key() -> AES128Key {
        guard let key = AES128Key(octets: octets(count: 16)) else { preconditionFailure("16 octets make a key") }
        return key
    }

    fileprivate mutating func netID() -> NetID {
        guard let netID = NetID(rawValue: number(UInt32.self) >> 8) else { preconditionFailure("24 bits make a NetID") }
        return netID
    }

    fileprivate mutating func dataFrame() -> DataFrame {
        let isUplink = Bool.random(using: &self)
        let port: UInt8? = Bool.random(using: &self) ? number() : nil
        return DataFrame(
            direction: isUplink ? .up : .down,
            isConfirmed: Bool.random(using: &self),
            devAddr: DevAddr(rawValue: number()),
            control: FrameControl(
                adr: Bool.random(using: &self),
                adrAckRequest: Bool.random(using: &self),
                ack: Bool.random(using: &self),
                classB: Bool.random(using: &self),
            ),
            counter: number(),
            options: port == 0 ? [] : octets(count: Int.random(in: 0...15, using: &self)),
            port: port,
            payload: port == nil ? [] : octets(count: Int.random(in: 0...242, using: &self)),
        )
    }

    fileprivate mutating func joinAccept(optNeg: Bool) -> JoinAccept {
        let lists: [CFList?] = [
            nil, .frequencies((0..<5).map { _ in number(UInt32.self) % (1 << 20) * 100 }),
            .channelMasks((0..<5).map { _ in number() }),
        ]
        return JoinAccept(
            joinNonce: number(UInt32.self) >> 8,
            netID: netID(),
            devAddr: DevAddr(rawValue: number()),
            rx1DataRateOffset: number(UInt8.self) & 7,
            rx2DataRate: number(UInt8.self) & 15,
            optNeg: optNeg,
            rxDelay: number(UInt8.self) & 15,
            cfList: lists[Int.random(in: 0..<3, using: &self)],
        )
    }
}
