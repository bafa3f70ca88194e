// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

/// Frames that nobody sent.
@Suite struct ForgeryTests {
    @Test("mutated frames with their old MIC are never accepted, and nothing crashes")
    func mutated() throws {
        var device = try TestDevice.personalised(1)
        var joining = try TestDevice.overTheAir(2, version: .v1_1)
        var stage = try Stage([device, joining])
        try stage.join(&joining)
        let candidates = [device.profile.devEUI, joining.profile.devEUI]
        var random = SeededGenerator(seed: 99)
        for _ in 0..<5_000 {
            var sent: TestDevice.Sent
            switch Int.random(in: 0..<3, using: &random) {
            case 0: sent = device.uplink(options: [2])
            case 1: sent = joining.uplink()
            default: sent = joining.joinRequest(devNonce: .random(in: 100...60_000, using: &random))
            }
            let original = sent.octets
            mutate(&sent.octets, &random)
            guard sent.octets != original else { continue }
            let effects = stage.deliver(sent, candidates: candidates, challengeSize: 2)
            #expect(effects.refusals.count == 1)
            #expect(effects.uplinks.isEmpty && effects.joins.isEmpty && effects.acknowledgements.isEmpty)
            stage.log = []
        }
    }

    @Test("random octets are never accepted, and nothing crashes")
    func random() throws {
        let device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        var random = SeededGenerator(seed: 5)
        for _ in 0..<5_000 {
            let octets = (0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let effects = stage.deliver((octets, MIC(rawValue: 0)), candidates: [device.profile.devEUI], challengeSize: 2)
            #expect(effects.refusals.count == 1 && effects.count == 1)
            stage.log = []
        }
    }

    private func mutate(_ octets: inout [UInt8], _ random: inout SeededGenerator) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: octets[Int.random(in: octets.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: octets.removeLast(Int.random(in: 1...octets.count, using: &random))
        case 2: octets.append(.random(in: 0...255, using: &random))
        default: octets[Int.random(in: octets.indices, using: &random)] = .random(in: 0...255, using: &random)
        }
    }
}
