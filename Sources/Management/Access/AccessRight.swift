// SPDX-License-Identifier: Apache-2.0

/// What an access key permits.
public enum AccessRight: String, Hashable, Sendable, CaseIterable {
    /// To hear uplinks and events.
    case readMessages = "messages:up:r"
    /// To send downlinks.
    case writeMessages = "messages:down:w"
    /// To register, change and delete devices and groups.
    case devices
    /// To see the keys of devices.
    case deviceKeys = "devices:keys"
    /// To change and delete the application.
    case settings

    /// The methods under `<app_id>/request/` that it opens.
    var methods: [ApplicationMethod] {
        switch self {
        case .readMessages: [.events]
        case .writeMessages: [.downlinkQueue, .clearDownlinkQueue, .sendMulticast]
        case .devices:
            [
                .get, .registerDevice, .device, .deleteDevice, .devices, .updateDevice, .downlinkQueue,
                .clearDownlinkQueue, .simulateUplink, .multicastGroups, .createMulticastGroup, .updateMulticastGroup,
                .deleteMulticastGroup, .addDeviceToMulticastGroup, .removeDeviceFromMulticastGroup, .importDevices,
                .exportDevices,
            ]
        case .deviceKeys: []
        case .settings:
            [.get, .setPayloadFormat, .setCustomPayloadFunctions, .unregister, .dryUplink, .dryDownlink]
        }
    }
}
