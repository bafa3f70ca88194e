// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// Answers of the bridge as lines for people.
enum ManagementTable {
    /// One row an application.
    static func applications(_ applications: [JSONValue]) -> String {
        var table = TextTable(["application", "format", "devices"])
        for application in applications {
            table.add([
                application["app_id"]?.text ?? application.text ?? "?", cell(application["payload_format"]),
                cell(application["devices"]),
            ])
        }
        return table.text
    }

    /// One row a device.
    static func devices(_ devices: [JSONValue]) -> String {
        var table = TextTable(["device", "DevEUI", "activation", "DevAddr", "class", "RAN", "description"])
        for device in devices { table.add(row(of: device)) }
        return table.text
    }

    /// A device's cells; what the bridge does not say is `-`.
    static func row(of device: JSONValue) -> [String] {
        let radio = device["lorawan_device"]
        let state = state(of: device)
        let joins = radio?["app_eui"]?.text.map { !$0.isEmpty && !$0.allSatisfy { $0 == "0" } } ?? false
        return [
            device["dev_id"]?.text ?? "?", cell(radio?["dev_eui"]), joins ? "OTAA" : "ABP", cell(radio?["dev_addr"]),
            cell(radio?["class"] ?? device["class"]), state, device["description"]?.text ?? "",
        ]
    }

    /// How far something is at the RAN, and why not.
    static func state(of value: JSONValue) -> String {
        let state = value["ran"]?["state"]?.text ?? "-"
        guard let error = value["ran"]?["error"]?.text else { return state }
        return "\(state): \(error)"
    }

    /// One line a member, objects below their name; texts of several lines indented.
    static func members(of value: JSONValue, indent: String = "") -> String {
        guard let members = value.object?.members else { return indent + text(value) }
        let width = members.map(\.name.count).max() ?? 0
        return members.map { member in
            if let object = member.value.object, !object.isEmpty {
                return "\(indent)\(member.name):\n" + self.members(of: member.value, indent: indent + "  ")
            }
            let lines = text(member.value).split(separator: "\n", omittingEmptySubsequences: false)
            if lines.count > 1 {
                return "\(indent)\(member.name):\n" + lines.map { "\(indent)  \($0)" }.joined(separator: "\n")
            }
            let blanks = String(repeating: " ", count: width - member.name.count + 1)
            return "\(indent)\(member.name.printable):\(blanks)\(lines.first ?? "")"
        }.joined(separator: "\n")
    }

    /// A value as one cell: texts without quotes, nothing as `-`.
    static func cell(_ value: JSONValue?) -> String {
        guard let value, value != .null else { return "-" }
        let text = text(value)
        return text.isEmpty ? "-" : text
    }

    private static func text(_ value: JSONValue) -> String {
        guard let text = value.text else { return value == .null ? "" : value.jsonText.printable }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
            .joined(separator: "\n")
    }
}
