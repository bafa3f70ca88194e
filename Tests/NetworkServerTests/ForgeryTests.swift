// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import TestSupport
import Testing

/// Frames that nobody sent.
@Suite struct ForgeryTests {
    @Test("a million mutated frames with their old MIC: none is accepted, nothing crashes")
    func mutated() throws {
        var device = try TestDevice.personalised(1)
        var joining = try TestDevice.overTheAir(2, version: .v1_1)
        var stage = try Stage([device, joining])
        try stage.join(&joining)
        var random = SeededGenerator(seed: 99)
        var genuine: [TestDevice.Sent] = []
        for nonce in UInt16(0)..<100 {
            genuine.append(device.uplink(port: 0, payload: [2, 6, 7, 8]))
            genuine.append(device.uplink(options: [2, 13, 3, 7]))
            genuine.append(joining.uplink(confirmed: true))
            genuine.append(joining.joinRequest(devNonce: 1000 + nonce))
        }
        let candidates = [device.profile.devEUI, joining.profile.devEUI]
        var server = stage.server
        let moment = stage.moment
        var mutations = 0
        var accepted = 0
        while mutations < 1_000_000 {
            let sent = genuine[Int(truncatingIfNeeded: random.next() >> 33) % genuine.count]
            var octets = sent.octets
            mutate(&octets, &random)
            guard octets != sent.octets else { continue }
            mutations += 1
            let frame = UpstreamFrame(
                id: ReceptionID(rawValue: 1),
                coverage: 0,
                candidates: candidates,
                octets: octets,
                challenge: [sent.mic.rawValue],
                isOutdated: false,
                radio: Self.radio,
            )
            let effects = server.handle(.upstream(frame), at: moment, random: &random)
            guard effects.count == 1, case .reject = effects[0] else {
                accepted += 1
                continue
            }
        }
        #expect(accepted == 0)
        #expect(server.nextDeadline == stage.server.nextDeadline)
    }

    private static let radio = ReceivedRadio(
        frequency: 868_100_000,
        modulation: .lora(spreading: 7, bandwidth: 125_000),
        rssi: -100,
        snr: 0,
        position: nil,
        coverage: 0,
        receivedAt: Stage.start,
    )

    @Test("random octets are never accepted, and nothing crashes")
    func random() throws {
        let device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        var random = SeededGenerator(seed: 5)
        for _ in 0..<5_000 {
            let octets = (0..<Int.random(in: 0...64, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let effects = stage.deliver(
                (octets, MIC(rawValue: 0)),
                candidates: [device.profile.devEUI],
                challengeSize: 2
            )
            #expect(effects.refusals.count == 1 && effects.count == 1)
            stage.log = []
        }
    }

    /// One bit, one octet, a cut end or an added octet.
    private func mutate(_ octets: inout [UInt8], _ random: inout SeededGenerator) {
        let dice = random.next()
        let index = Int(dice >> 16 & 0xffff) % octets.count
        let octet = UInt8(truncatingIfNeeded: dice >> 8)
        switch dice & 3 {
        case 0: octets[index] ^= 1 << (octet & 7)
        case 1: octets.removeLast(octets.count - index)
        case 2: octets.append(octet)
        default: octets[index] = octet
        }
    }
}
