// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The device addresses of one NetID that this shard may give to joining devices.
///
/// Shards take addresses by their remainder, so no two shards give the same one. While an address is free none is given
/// twice; then they are shared, as LoRaWAN allows: the MIC tells the devices apart.
struct AddressPool: Sendable {
    private let prefix: UInt32
    private let firstNumber: UInt32
    private let stride: UInt32
    /// How many addresses the shard has.
    private let capacity: UInt32
    /// How many sessions here have an address, by its place in the pool.
    private var users: [UInt32: UInt32] = [:]

    init(netID: NetID, place: ShardPlace) {
        prefix = netID.devAddrs.lowerBound.rawValue
        let addresses = UInt32(1) << UInt32(netID.nwkAddrBits)
        // Fewer addresses than shards: every shard may use all of them.
        let shards = UInt32(place.count) < addresses ? UInt32(place.count) : 1
        stride = shards
        // NwkAddr 0 is left out: tools take it for "not set".
        let first = UInt32(place.index) % shards
        firstNumber = first == 0 ? shards : first
        capacity = (addresses - 1 - firstNumber) / shards + 1
    }

    /// Chooses an address: a free one at a random place, else any.
    func choose(random: inout some RandomNumberGenerator) -> DevAddr {
        let start = UInt32.random(in: 0..<capacity, using: &random)
        guard users.count < Int(capacity) else { return address(at: start) }
        var index = start
        while users[index] != nil {
            index = index + 1 == capacity ? 0 : index + 1
        }
        return address(at: index)
    }

    /// A session begins to use an address, whether it comes from this pool or not.
    mutating func take(_ address: DevAddr) {
        guard let index = index(of: address) else { return }
        users[index, default: 0] += 1
    }

    /// A session no longer uses an address.
    mutating func release(_ address: DevAddr) {
        guard let index = index(of: address), let count = users[index] else { return }
        users[index] = count > 1 ? count - 1 : nil
    }

    private func address(at index: UInt32) -> DevAddr {
        DevAddr(rawValue: prefix | (firstNumber + index * stride))
    }

    private func index(of address: DevAddr) -> UInt32? {
        let number = address.rawValue ^ prefix
        guard number >= firstNumber, (number - firstNumber).isMultiple(of: stride) else { return nil }
        let index = (number - firstNumber) / stride
        return index < capacity ? index : nil
    }
}
