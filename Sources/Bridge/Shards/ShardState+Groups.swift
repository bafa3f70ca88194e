// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import RANClient
internal import Store
internal import TTNMessages

/// Multicast groups.
extension ShardState {
    mutating func processGroup(_ command: ShardCommand, into unit: inout CommitUnit) {
        switch command {
        case .registerGroup(let group, let profile, let restored):
            groups[group.address] = group
            decide(.registerGroup(profile, restored: restored), into: &unit)
        case .unregisterGroup(let address, let mutations, let done):
            // A unit of its own: nothing of others shall fail with it.
            var own = CommitUnit(mutations: mutations, completions: [done])
            decide(.unregisterGroup(address), into: &own)
            groups[address] = nil
            house.committer.submit(unit)
            house.committer.submit(own)
            unit = CommitUnit()
        case .enqueueMulticast(let address, let items, let schedule, let mutations, let done):
            decide(items.isEmpty ? .clearGroupQueue(address) : .enqueueMulticast(items, schedule), into: &unit)
            unit.mutations += mutations
            unit.completions.append { _ in done() }
        case .groupState(let address, let reply):
            reply(server.state(ofGroup: address))
        case .multicastResult(let id, let results):
            decide(.transmissionResult(id, conclude(results)), into: &unit)
            unreached = nil
        default:
            preconditionFailure("this command is about no group")
        }
    }

    /// A transmission that reached one device is not repeated for the others: those that heard it would refuse it.
    private mutating func conclude(_ results: [MulticastDeviceResult]) -> TransmissionResult {
        let failed = results.filter { $0.code != .success }
        guard let first = failed.first else { return .sent }
        guard failed.count < results.count else { return TransmissionResult(code: first.code, message: first.message) }
        let shown = failed.prefix(16).map { "\($0.devEUI.upperHex) \($0.code.rawValue)" }.joined(separator: ", ")
        unreached = "\(failed.count) of \(results.count) devices not reached: \(shown)"
        return .sent
    }

    mutating func report(_ item: MulticastItem, _ outcome: DownlinkOutcome, into unit: inout CommitUnit) {
        let context = DownlinkContext(octets: item.context)
        guard let identity = groups[item.address]?.identity ?? context?.device else { return }
        let place = EUI64(rawValue: UInt64(item.address.rawValue))
        var event = house.messages.downlink(
            outcome,
            request: context?.request,
            item: DownlinkSubject(id: item.id, port: item.port, sessionOwner: place),
            device: identity,
            at: house.now().wall,
        )
        if case .sent = outcome { event.ranResult = unreached }
        keep(.downlink(event), house.rows.next(), place, into: &unit)
    }

    static func mutation(_ address: DevAddr, _ change: StateChange) -> StoreMutation {
        switch change {
        case .session(let octets): .putGroupState(address, octets)
        case .putDownlink(let id, let position, let octets):
            .putGroupDownlink(GroupDownlinkEntry(address: address, id: id, position: position, payload: octets))
        case .deleteDownlink(let id): .deleteGroupDownlink(address, id: id)
        case .joinState: preconditionFailure("a multicast group does not join")
        }
    }
}

extension GroupDefinition {
    /// How messages name the group: as a device of its application without a DevEUI.
    var identity: DeviceIdentity {
        DeviceIdentity(applicationID: applicationID, deviceID: groupID, devAddr: address)
    }
}
