// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import Store

/// Why a request about a multicast group was refused. Nothing of it was done then.
enum GroupError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownApplication(String)
    case unknownGroup(GroupKey)
    /// A member that is no device of the application.
    case unknownDevice(String)
    /// A device or another group of the application has this id.
    case idTaken(String)
    /// Another group has this address.
    case addressTaken(DevAddr)
    /// A member of the definition that cannot be; the text says what would be right.
    case invalid(field: String, String)
    /// A device whose region is not the group's cannot hear it.
    case regionMismatch(device: String, region: String, groupRegion: String)
    /// The device is in the group already.
    case alreadyMember(String)
    /// The device is not in the group.
    case notMember(String)
    /// The store refuses, or cannot be written now.
    case store(StoreError)

    /// A stable word of `docs/outcomes.md`.
    var reason: String {
        switch self {
        case .unknownApplication: "unknown_application"
        case .unknownGroup: "unknown_group"
        case .unknownDevice: "unknown_device"
        case .idTaken: "id_taken"
        case .addressTaken: "address_taken"
        case .invalid: "invalid_group"
        case .regionMismatch: "region_mismatch"
        case .alreadyMember: "already_member"
        case .notMember: "not_member"
        case .store(let error): error.reason
        }
    }

    /// The member of the request that is wrong.
    var field: String? {
        switch self {
        case .unknownApplication: "app_id"
        case .unknownGroup, .idTaken: "group_id"
        case .unknownDevice, .regionMismatch, .alreadyMember, .notMember: "dev_id"
        case .addressTaken: "addr"
        case .invalid(let field, _): field
        case .store: nil
        }
    }

    var description: String {
        switch self {
        case .unknownApplication(let id): "Application \(id) not found"
        case .unknownGroup(let key): "Multicast group \(key.groupID) not found in application \(key.applicationID)"
        case .unknownDevice(let id): "Device \(id) not found"
        case .idTaken(let id): "The id \(id) belongs to another device or multicast group of the application"
        case .addressTaken(let address): "The address \(address) belongs to another multicast group"
        case .invalid(let field, let text): "\(field) \(text)"
        case .regionMismatch(let device, let region, let groupRegion):
            "Device \(device) is of region \(region) and cannot hear a multicast group of region \(groupRegion)"
        case .alreadyMember(let id): "Device \(id) is in the multicast group already"
        case .notMember(let id): "Device \(id) is not in the multicast group"
        case .store(let error): error.description
        }
    }
}
