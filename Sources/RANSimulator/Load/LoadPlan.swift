// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Devices and frames of a load test: made once, sent as they are, so that the generator costs next to nothing.
///
/// Message `n` is the uplink with FCnt `n / deviceCount` of a device that `n` chooses; devices take turns in an order
/// that looks random, so that the memory of the other side is visited as in real life.
public struct LoadPlan: Hashable, Sendable {
    /// How many personalised devices send; a power of ten or anything else above 0.
    public let deviceCount: Int
    /// MIC candidates of each message, 2 to 4096.
    public let candidates: Int
    /// What each uplink holds, on port 1.
    public let payload: [UInt8]
    /// Steps through all devices, each once; and what undoes a multiplication by it.
    private let stride: Int
    private let inverse: Int

    public init(deviceCount: Int, candidates: Int, payload: [UInt8]) {
        precondition(deviceCount > 0 && deviceCount < 1 << 24, "a load has 1 to 16 million devices")
        precondition((2...4096).contains(candidates), "a MIC challenge holds 2 to 4096 candidates")
        self.deviceCount = deviceCount
        self.candidates = candidates
        self.payload = payload
        var stride = deviceCount * 618 / 1000 | 1
        while LoadPlan.inverse(of: stride, modulo: deviceCount) == nil { stride += 2 }
        self.stride = stride
        inverse = LoadPlan.inverse(of: stride, modulo: deviceCount) ?? 1
    }

    /// The device with that index, from 0.
    public func devEUI(_ index: Int) -> EUI64 { EUI64(rawValue: 0x70B3_D57E_D100_0000 + UInt64(index)) }

    /// Its address: one device each.
    public func devAddr(_ index: Int) -> DevAddr { DevAddr(rawValue: 0x2600_0000 + UInt32(index)) }

    /// Its keys.
    public func keys(_ index: Int) -> SessionKeys {
        SessionKeys(
            nwkSKey: AES128Key(storedAs: AESBlock(high: 0x2B7E_1516_28AE_D2A6, low: UInt64(index))),
            appSKey: AES128Key(storedAs: AESBlock(high: 0x3C4F_CF09_8815_F7AB, low: UInt64(index))),
        )
    }

    /// Which device sends a message, and with which counter.
    public func sender(of message: Int) -> (device: Int, counter: UInt32) {
        let (round, turn) = message.quotientAndRemainder(dividingBy: deviceCount)
        return (turn * stride % deviceCount, UInt32(truncatingIfNeeded: round))
    }

    /// The message in which a device used a counter.
    public func message(of device: Int, counter: UInt32) -> Int {
        Int(counter) * deviceCount + device * inverse % deviceCount
    }

    /// Euclid's algorithm; nil when the numbers share a divisor.
    private static func inverse(of number: Int, modulo modulus: Int) -> Int? {
        var (remainder, next) = (modulus, number % modulus)
        var (factor, nextFactor) = (0, 1)
        while next != 0 {
            let quotient = remainder / next
            (remainder, next) = (next, remainder - quotient * next)
            (factor, nextFactor) = (nextFactor, factor - quotient * nextFactor)
        }
        guard remainder == 1 || modulus == 1 else { return nil }
        return factor < 0 ? factor + modulus : factor
    }
}
