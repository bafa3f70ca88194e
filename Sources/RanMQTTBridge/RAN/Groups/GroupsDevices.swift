// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import RANClient

extension RANSubcommand {
    static let groupsAddDevice = RANSubcommand(
        name: "groups add-device",
        usage: "ADDR DEVEUI…",
        summary: "Adds devices of the routing table to a multicast group.",
        details: "Exit code 4 when the group holds one already; those before it are added.",
        example: "01020304 70b3d57ed0000001",
        run: { call in
            let (address, devEUIs) = try call.groupAndDevices()
            var added = 0
            for devEUI in devEUIs where try await call.client.multicastGroups.addDevice(devEUI, to: address) {
                added += 1
            }
            call.answer(["added": .integer(Int64(added))], "\(added) device\(added == 1 ? "" : "s") added")
            return added == devEUIs.count ? .success : .failure
        },
    )

    static let groupsRemoveDevice = RANSubcommand(
        name: "groups remove-device",
        usage: "ADDR DEVEUI… [--yes]",
        summary: "Removes devices from a multicast group; they stay in the routing table.",
        details: "Exit code 3 when the group does not exist or does not hold one of them.",
        example: "01020304 70b3d57ed0000001 --yes",
        isDestructive: true,
        run: { call in
            let (address, devEUIs) = try call.groupAndDevices()
            let what = devEUIs.count == 1 ? "device \(devEUIs[0])" : "\(devEUIs.count) devices"
            let question = "This removes \(what) from group \(address) of \(call.access.endpoint)."
            guard try call.isConfirmed(question) else { return .failure }
            var removed = 0
            for devEUI in devEUIs where try await call.client.multicastGroups.removeDevice(devEUI, from: address) {
                removed += 1
            }
            return call.answer(removed: removed, of: devEUIs.count, "device")
        },
    )
}

extension RANCall {
    fileprivate func groupAndDevices() throws(UsageError) -> (DevAddr, [EUI64]) {
        let words = try words(2...Int.max, arguments.positional.isEmpty ? "the group's address" : "a DevEUI")
        return (try RANCall.devAddr(words[0], "address"), try devEUIs(words.dropFirst()))
    }
}
