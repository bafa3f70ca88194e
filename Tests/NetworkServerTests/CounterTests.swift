// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

/// Frame counters at their edges.
@Suite struct CounterTests {
    @Test("the last counters of 32 bits come in, and none after them")
    func lastCounters() throws {
        var device = try TestDevice.personalised(1, version: .v1_0_4, counterUp: 0xffff_fffd)
        var stage = try Stage([device])
        for counter: UInt32 in [0xffff_fffe, 0xffff_ffff] {
            let effects = stage.deliver(device.frame(counter: counter), from: device)
            #expect(effects.uplinks.map(\.counter) == [counter])
            stage.wait(.seconds(5))
        }
        for counter: UInt32 in [0, 1, 0xffff_0000] {
            device.counter = counter
            let effects = stage.deliver(device.uplink(), from: device)
            #expect(effects.uplinks.isEmpty)
            #expect(effects.refusals.map(\.reason) == [.frameCounterReplayed])
        }
        let again = stage.deliver(device.frame(counter: 0xffff_ffff), from: device)
        #expect(again.uplinks.map(\.isRetry) == [true])
    }

    @Test("a downlink after the last counter fails with its reason")
    func lastDownlink() throws {
        var device = try TestDevice.personalised(1) { profile in
            guard case .personalised(let address, let keys, let up, _) = profile.activation else { return }
            profile.activation = .personalised(address, keys, counterUp: up, counterDown: .max - 1)
        }
        var stage = try Stage([device])
        stage.enqueue(stage.item(for: device, payload: [1]))
        stage.enqueue(stage.item(for: device, payload: [2]))
        let firstEffects = stage.deliver(device.uplink(), from: device) + stage.wait(.seconds(3))
        let first = try #require(firstEffects.transmissions.first)
        #expect(try device.open(first.octets, counter: .max - 1)?.payload == [1])
        stage.tell(.sent, of: first)
        stage.deliver(device.uplink(), from: device)
        stage.wait(.seconds(3))
        #expect(stage.effects.outcomeWords == ["scheduled", "scheduled", "sent", "failed(f_cnt_down_used_up)"])
    }

    /// A device that has sent a frame under counter 0, that frame, and another one under the same counter.
    private func afterZero(
        _ change: (inout DeviceProfile) -> Void
    ) throws -> (stage: Stage, device: TestDevice, first: TestDevice.Sent, second: TestDevice.Sent) {
        let device = try TestDevice.personalised(1, change: change)
        var stage = try Stage([device])
        let first = device.frame(counter: 0, payload: [1])
        #expect(stage.deliver(first, from: device).uplinks.map(\.isRetry) == [false])
        stage.wait(.seconds(5))
        return (stage, device, first, device.frame(counter: 0, payload: [2]))
    }

    @Test("where counters are not checked, another frame under the last counter is new and the same one a retry")
    func unchecked() throws {
        var (stage, device, first, second) = try afterZero { $0.checksFrameCounter = false }
        #expect(stage.deliver(first, from: device).uplinks.map(\.isRetry) == [true])
        stage.wait(.seconds(5))
        #expect(stage.deliver(second, from: device).uplinks.map(\.isRetry) == [false])
        stage.wait(.seconds(5))
        #expect(stage.deliver(second, from: device).uplinks.map(\.isRetry) == [true])
    }

    @Test("a device that may restart and begins at 0 twice has restarted, and its downlinks count from 0 again")
    func restartAtZero() throws {
        var (stage, device, _, second) = try afterZero { $0.allowsCounterReset = true }
        for payload: UInt8 in 1...2 {
            stage.enqueue(stage.item(for: device, payload: [payload]))
            let frame = payload == 1 ? second : device.frame(counter: 0, payload: [3])
            let effects = stage.deliver(frame, from: device) + stage.wait(.seconds(5))
            #expect(effects.uplinks.map(\.isRetry) == [false])
            let answer = try #require(effects.transmissions.first)
            #expect(try device.open(answer.octets, counter: 0)?.payload == [payload])
            stage.tell(.sent, of: answer)
        }
    }

    @Test("elsewhere another frame under the last counter counts as a retry, also after a restart of the service")
    func checked() throws {
        var (stage, device, first, second) = try afterZero { _ in }
        #expect(stage.deliver(second, from: device).uplinks.map(\.isRetry) == [true])
        let session = try #require(stage.effects.sessions.last)
        var unchecked = device
        unchecked.profile.checksFrameCounter = false
        var other = try Stage()
        other.handle(.register(unchecked.profile, restored: RestoredDevice(session: session)))
        #expect(other.deliver(second, from: unchecked).uplinks.map(\.isRetry) == [true])
        other.wait(.seconds(5))
        #expect(other.deliver(first, from: unchecked).uplinks.map(\.isRetry) == [false])
    }

    @Test("LoRaWAN 1.1 signs the channel too: the same frame on another channel is a retry")
    func otherChannel() throws {
        let device = try TestDevice.personalised(1, version: .v1_1) { $0.checksFrameCounter = false }
        var stage = try Stage([device])
        let candidates = [device.profile.devEUI]
        #expect(stage.deliver(device.frame(counter: 4), from: device).uplinks.map(\.isRetry) == [false])
        stage.wait(.seconds(5))
        let again = device.frame(counter: 4, channel: 1)
        let effects = stage.deliver(again, candidates: candidates, frequency: 868_300_000)
        #expect(effects.uplinks.map(\.isRetry) == [true])
    }
}
