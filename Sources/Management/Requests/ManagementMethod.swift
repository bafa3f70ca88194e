// SPDX-License-Identifier: Apache-2.0

/// What can be asked under `<app_id>/request/`.
public enum ApplicationMethod: String, Hashable, Sendable, CaseIterable {
    case get
    case setPayloadFormat = "set_payload_format"
    case setCustomPayloadFunctions = "set_custom_payload_functions"
    case unregister
    case registerDevice = "register_device"
    case device
    case deleteDevice = "delete_device"
    case devices
    case updateDevice = "update_device"
    case downlinkQueue = "downlink_queue"
    case clearDownlinkQueue = "clear_downlink_queue"
    case dryUplink = "dry_uplink"
    case dryDownlink = "dry_downlink"
    case simulateUplink = "simulate_uplink"
    case multicastGroups = "multicast_groups"
    case createMulticastGroup = "create_multicast_group"
    case updateMulticastGroup = "update_multicast_group"
    case deleteMulticastGroup = "delete_multicast_group"
    case addDeviceToMulticastGroup = "add_device_to_multicast_group"
    case removeDeviceFromMulticastGroup = "remove_device_from_multicast_group"
    case sendMulticast = "send_multicast"
    case importDevices = "import_devices"
    case exportDevices = "export_devices"
    case events

    /// Whether the method exists under `<app_id>/request/keys/`, where answers show keys.
    public var showsKeys: Bool {
        switch self {
        case .registerDevice, .device, .deleteDevice, .devices, .updateDevice, .exportDevices, .multicastGroups,
            .createMulticastGroup, .updateMulticastGroup:
            true
        default: false
        }
    }

    /// Whether the method only looks: its answer may be given again without having been kept.
    public var isReading: Bool {
        switch self {
        case .get, .device, .devices, .downlinkQueue, .dryUplink, .dryDownlink, .multicastGroups, .exportDevices,
            .events:
            true
        default: false
        }
    }
}

/// What can be asked under `admin/request/`.
public enum AdminMethod: String, Hashable, Sendable, CaseIterable {
    case register
    case applications
    case addAccessKey = "add_access_key"
    case accessKeys = "access_keys"
    case removeAccessKey = "remove_access_key"
    case coverages
    case ranPlan = "ran_plan"
    case ranApply = "ran_apply"

    /// Whether the method only looks.
    public var isReading: Bool {
        switch self {
        case .applications, .accessKeys, .coverages, .ranPlan: true
        default: false
        }
    }
}
