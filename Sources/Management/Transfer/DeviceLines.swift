// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// Devices as JSON lines.
public enum DeviceLines {
    /// Reads every line; one that is wrong spoils no other. Blank lines are passed over.
    public static func read(_ text: String, applicationID: String) -> [TransferredDevice] {
        var devices: [TransferredDevice] = []
        var number = 0
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
            devices.append(read(Array(line), number, applicationID))
        }
        return devices
    }

    private static func read(_ line: [UInt8], _ number: Int, _ applicationID: String) -> TransferredDevice {
        var name: String?
        do throws(ManagementFault) {
            let object = try object(line)
            guard let deviceID = (object["dev_id"] ?? object["devId"])?.text else {
                throw .invalid("dev_id", "is missing, or no text")
            }
            name = deviceID
            var description = DeviceDescription()
            // A line of another application is taken into this one: that is how devices move.
            var members = object
            members["app_id"] = nil
            try description.apply(
                members,
                owner: DeviceDescription.Owner(applicationID: applicationID, deviceID: deviceID),
            )
            return TransferredDevice(line: number, deviceID: name, description: .success(description))
        } catch {
            return TransferredDevice(line: number, deviceID: name, description: .failure(error))
        }
    }

    private static func object(_ line: [UInt8]) throws(ManagementFault) -> JSONObject {
        do throws(JSONSyntaxError) {
            if case .object(let object) = try JSONValue(parsing: line) { return object }
        } catch {
            throw ManagementFault(.invalidArgument, "the line is \(error.description)")
        }
        throw ManagementFault(.invalidArgument, "the line must be a JSON object")
    }

    /// One line with its line break.
    public static func line(
        of description: DeviceDescription,
        owner: DeviceDescription.Owner,
        showsKeys: Bool,
    ) -> [UInt8] {
        var json = JSONWriter()
        json.value(.object(description.members(owner: owner, showsKeys: showsKeys)))
        return json.bytes + [UInt8(ascii: "\n")]
    }
}
