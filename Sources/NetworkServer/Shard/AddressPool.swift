// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The device addresses of one NetID that a shard gives to joining devices.
///
/// Shards take addresses by their remainder, so no two shards give the same one while each has some of its own. While an address is free
/// none is given twice; then they are shared, as LoRaWAN allows: the MIC tells the devices apart.
struct AddressPool: Sendable {
    private let netID: NetID
    private let shards: UInt32
    private let remainder: UInt32
    /// How many sessions here have an address, by its free bits (NwkAddr).
    private var users: [UInt32: UInt32] = [:]
    /// How many of the shard's own addresses have users.
    private var ownInUse = 0

    init(netID: NetID, place: ShardPlace) {
        self.netID = netID
        shards = UInt32(place.count)
        remainder = UInt32(place.index)
    }

    /// Chooses an address at a random place: a free one of the shard's own, else one that is free as far as is known here, else any.
    func choose(random: inout some RandomNumberGenerator) -> DevAddr {
        let start = UInt32.random(in: 0..<total, using: &random)
        let number =
            ownInUse < own
            ? freeNumber(from: start / shards * shards + remainder, step: shards) : freeNumber(from: start, step: 1)
        return address(of: number ?? start)
    }

    /// A session begins to use an address, whether it comes from this pool or not.
    mutating func take(_ address: DevAddr) {
        guard let number = number(of: address) else { return }
        if users[number] == nil, isOwn(number) { ownInUse += 1 }
        users[number, default: 0] += 1
    }

    /// A session no longer uses an address.
    mutating func release(_ address: DevAddr) {
        guard let number = number(of: address), let count = users[number] else { return }
        users[number] = count > 1 ? count - 1 : nil
        if count == 1, isOwn(number) { ownInUse -= 1 }
    }

    /// How many addresses the NetID has.
    private var total: UInt32 { 1 << UInt32(netID.nwkAddrBits) }

    /// How many of them are the shard's own; number 0 is nobody's, as tools take it for "not set".
    private var own: Int {
        let (whole, rest) = total.quotientAndRemainder(dividingBy: shards)
        return Int(whole) + (remainder < rest ? 1 : 0) - (remainder == 0 ? 1 : 0)
    }

    private func isOwn(_ number: UInt32) -> Bool { number % shards == remainder && number != 0 }

    /// The first free number from a place on, once round; number 0 only when there is no other.
    private func freeNumber(from start: UInt32, step: UInt32) -> UInt32? {
        guard users.count < Int(total) else { return nil }
        var number = start < total ? start : remainder
        for _ in 0..<total / step + 1 {
            if number != 0, users[number] == nil { return number }
            number = number + step < total ? number + step : step == 1 ? 0 : remainder
        }
        return users[0] == nil ? 0 : nil
    }

    private func address(of number: UInt32) -> DevAddr {
        DevAddr(rawValue: netID.devAddrs.lowerBound.rawValue | number)
    }

    private func number(of address: DevAddr) -> UInt32? {
        netID.contains(address) ? address.rawValue ^ netID.devAddrs.lowerBound.rawValue : nil
    }
}
