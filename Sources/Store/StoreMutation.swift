// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// One change. A list of them is committed as a whole or not at all, and applied in its order.
///
/// A `put` inserts or replaces and a `delete` of what is absent does nothing, so that a commit whose outcome is unknown
/// can be repeated. States and payloads are opaque to the store.
public enum StoreMutation: Sendable {
    /// The network server's session state of a device: the hot path.
    case putSession(EUI64, [UInt8])
    case deleteSession(EUI64)
    /// Nonces and what else must outlive every session; stays when its device is deleted, so that a device registered
    /// again does not accept an old nonce.
    case putJoinState(EUI64, [UInt8])
    case deleteJoinState(EUI64)

    /// Appends to the outbox.
    case putOutbox(OutboxEntry)
    /// Replaces the payload of an entry; nothing happens when the entry is gone.
    case updateOutbox(id: Int64, payload: [UInt8])
    /// Removes entries; fastest in ascending order.
    case deleteOutbox([Int64])

    case putDownlink(DownlinkEntry)
    case deleteDownlink(EUI64, id: UInt64)
    /// Empties a device's queue.
    case deleteDownlinks(EUI64)

    indirect case putApplication(ApplicationRecord)
    /// Removes the application, its devices with their sessions and queues, its groups and its keys.
    case deleteApplication(String)
    /// Its application must exist and its DevEUI must not belong to another device. A device whose DevEUI changes
    /// loses session and queue.
    indirect case putDevice(DeviceRecord)
    /// Removes the device, its session and its queue. Its join state and its entries of the outbox stay.
    case deleteDevice(applicationID: String, deviceID: String)

    /// Its application must exist.
    indirect case putAccessKey(AccessKeyRecord)
    case deleteAccessKey(applicationID: String, name: String)
    /// Its application must exist and its address must not belong to another group.
    indirect case putMulticastGroup(MulticastGroupRecord)
    case deleteMulticastGroup(applicationID: String, groupID: String)
    /// The network server's state of a multicast address, its counter: outlives the group, so that no counter is ever
    /// used twice at one address.
    case putGroupState(DevAddr, [UInt8])
    case putGroupDownlink(GroupDownlinkEntry)
    case deleteGroupDownlink(DevAddr, id: UInt64)
    case putGroupMirror(GroupMirrorRecord)
    case deleteGroupMirror(coverage: String, address: DevAddr)
    case putRoute(RouteRecord)
    case deleteRoute(coverage: String, devEUI: EUI64)
    case putAnswer(AnswerRecord)
    /// Forgets the answers given before a moment.
    case deleteAnswers(before: UnixTime)

    /// A value of the service itself.
    case putSetting(String, [UInt8])
    case deleteSetting(String)
}

extension StoreMutation {
    /// Whether it is refused while the disk is full: what is left then is for removing things, and for the counters of
    /// what is there.
    var needsRoom: Bool {
        switch self {
        case .putOutbox, .putDownlink, .putApplication, .putDevice, .putAccessKey, .putMulticastGroup,
            .putGroupDownlink, .putGroupMirror, .putRoute, .putAnswer:
            true
        default: false
        }
    }
}
