// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What a frame counter with a good MIC says.
enum CounterVerdict: Hashable, Sendable {
    /// Not seen before.
    case new
    /// The last one again: the device sent the frame once more.
    case repeated
    /// The device began anew and may do so.
    case restarted
    /// Below the last one.
    case replayed
    /// Further above the last one than the device's version allows.
    case gapTooLarge

    var isAccepted: Bool {
        switch self {
        case .new, .repeated, .restarted: true
        case .replayed, .gapTooLarge: false
        }
    }
}

/// The counter rules that a device is registered with.
struct CounterRules: Hashable, Sendable {
    let checks: Bool
    let uses32Bits: Bool
    let mayRestart: Bool
    let limitsGap: Bool

    init(_ profile: Registration) {
        checks = profile.checksFrameCounter
        uses32Bits = profile.uses32BitCounter
        limitsGap = profile.version < .v1_0_4
        mayRestart = profile.allowsCounterReset
    }

    /// The counter that the MIC is computed with.
    func signed(_ counter: UInt32) -> UInt32 {
        uses32Bits ? counter : counter & 0xffff
    }

    /// Judges a counter at or above the last one: the first that the received low bits can mean.
    ///
    /// `isSameFrame` tells whether the MIC is the last one's too.
    func judge(forward counter: UInt32, last: UInt32?, isSameFrame: Bool) -> CounterVerdict {
        guard let last else { return .new }
        let gap = counter - last
        // A device that begins at the same counter after every pause sends other frames under it.
        if gap == 0 { return isSameFrame || (checks && !mayRestart) ? .repeated : checks ? .restarted : .new }
        guard checks else { return .new }
        guard uses32Bits else {
            // 16 bits say the same for far ahead and a little behind.
            if gap <= FrameCounter.maximumGap { return .new }
            return mayRestart ? .restarted : .replayed
        }
        return limitsGap && gap > FrameCounter.maximumGap ? .gapTooLarge : .new
    }

    /// Judges a counter below the last one.
    func judge(backward counter: UInt32, received: UInt16) -> CounterVerdict {
        if !checks { return .new }
        return mayRestart && counter == UInt32(received) ? .restarted : .replayed
    }

    /// Counters below the last one that the received low bits can mean too.
    ///
    /// The one just below tells a replay; the low bits alone tell a restart.
    func backward(from forward: UInt32, received: UInt16) -> [UInt32] {
        guard uses32Bits else { return [] }
        var counters: [UInt32] = []
        let aligned = forward & 0xffff_0000 | UInt32(received)
        if aligned != forward {
            // The 32 bits are used up: there is nothing forward with these low bits.
            counters.append(aligned)
        } else if forward > 0xffff {
            counters.append(forward - 0x1_0000)
        }
        let plain = UInt32(received)
        if plain != forward, counters.first != plain { counters.append(plain) }
        return counters
    }
}
