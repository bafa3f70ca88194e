// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import RANSimulator
import TestSupport

@testable import Bridge

/// A multicast group and the virtual devices that know its keys.
struct GroupScene {
    let address = DevAddr(rawValue: 0x26FF_0001)
    let networkKey: AES128Key
    let applicationKey: AES128Key
    let key = GroupKey(applicationID: LiveHouse.applicationID, groupID: "lamps")
    var devices: [SceneDevice] = []

    init(members: Int, first: UInt8 = 200) throws {
        guard let networkKey = AES128Key(octets: [UInt8](repeating: 0x4E, count: 16)),
            let applicationKey = AES128Key(octets: [UInt8](repeating: 0x41, count: 16))
        else { throw SceneError(problem: "a key has 16 octets") }
        (self.networkKey, self.applicationKey) = (networkKey, applicationKey)
        for number in 0..<UInt8(members) {
            let device = try SceneDevice.abp("lamp\(number)", first + number, extra: "class: C") {
                $0.deviceClass = .c
                $0.multicast = [MulticastSession(address: address, nwkSKey: networkKey, appSKey: applicationKey)]
            }
            devices.append(device)
        }
    }

    /// The group with these members.
    func definition(_ members: [String]) -> GroupDefinition {
        GroupDefinition(
            applicationID: key.applicationID,
            groupID: key.groupID,
            name: "All lamps",
            address: address,
            applicationKey: applicationKey,
            networkKey: networkKey,
            members: members,
            createdAt: UnixTime(nanoseconds: 1),
        )
    }

    /// The RAN sends to devices that it has heard.
    func letAllBeHeard(by simulator: RANSimulator) async throws {
        for device in devices {
            try await simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1])
        }
        let count = devices.count
        guard await simulator.waitForReport(timeout: .seconds(30), until: { $0.acks >= count }) else {
            throw SceneError(problem: "the uplinks were not acked: \(await simulator.snapshot())")
        }
    }
}
