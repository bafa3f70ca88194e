// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSON
import LoRaWAN
import Testing

/// One entry of the vector file: what goes in, what must come out.
struct Vector: Sendable, CustomTestStringConvertible {
    let name: String
    let inputs: Fields
    let expected: Fields

    var testDescription: String { name }

    /// The entries of a group; none when the file lacks it. What is not as it should be fails in the test of the entry.
    static func group(_ name: String) -> [Vector] {
        guard let group = groups[name] else { return [] }
        guard let entries = group.elements else {
            return [Vector(name: "\(name) is no list", inputs: Fields(value: .null), expected: Fields(value: .null))]
        }
        return entries.enumerated().map { index, entry in
            Vector(
                name: entry["name"]?.text ?? "entry \(index) of \(name)",
                inputs: Fields(value: entry["inputs"] ?? .null),
                expected: Fields(value: entry["expected"] ?? .null),
            )
        }
    }

    /// The file that is read in place of the fixture, when LORAWAN_VECTORS names one: others' vectors in the same form.
    static let otherFile = ProcessInfo.processInfo.environment["LORAWAN_VECTORS"]

    /// All groups of the file by name.
    static let groups: JSONObject = {
        guard let groups = readFixture("lorawan-vectors", override: otherFile)["groups"]?.object else {
            preconditionFailure("the vector file has no groups")
        }
        return groups
    }()
}

/// Reads a JSON file of the test bundle, or the file at another path.
func readFixture(_ name: String, override: String? = nil) -> JSONValue {
    let fixture = Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json")
    guard let url = override.map({ URL(filePath: $0) }) ?? fixture, let octets = try? Data(contentsOf: url) else {
        preconditionFailure("the file cannot be read: \(override ?? name)")
    }
    guard let document = try? JSONValue(parsing: octets) else { preconditionFailure("\(url) is not JSON") }
    return document
}

/// Typed access to the members of one JSON object.
struct Fields: Sendable {
    let value: JSONValue

    private func member(_ name: String) throws -> JSONValue {
        try present(value[name], name)
    }

    private func present<Value>(_ value: Value?, _ name: String) throws -> Value {
        guard let value else { throw VectorError(text: "the vector lacks \(name), or it has another type") }
        return value
    }

    func isNull(_ name: String) throws -> Bool { try member(name) == .null }
    func text(_ name: String) throws -> String { try present(try member(name).text, name) }
    func boolean(_ name: String) throws -> Bool { try present(try member(name).boolean, name) }
    func fields(_ name: String) throws -> Fields { Fields(value: try member(name)) }
    func elements(_ name: String) throws -> [JSONValue] { try present(try member(name).elements, name) }

    func number<Number: FixedWidthInteger>(_ name: String, as _: Number.Type = Number.self) throws -> Number {
        try present(Number(exactly: try present(try member(name).wholeNumber, name)), name)
    }

    func numbers<Number: FixedWidthInteger>(_ name: String, as _: Number.Type = Number.self) throws -> [Number] {
        try elements(name).map { try present(Number(exactly: try present($0.wholeNumber, name)), name) }
    }

    func hexNumber(_ name: String) throws -> UInt16 {
        try present(UInt16(try text(name), radix: 16), name)
    }

    func hexNumbers(_ name: String) throws -> [UInt16] {
        try elements(name).map { try present(UInt16(try present($0.text, name), radix: 16), name) }
    }

    func octets(_ name: String) throws -> [UInt8] { try present(Hex.octets(try text(name)), name) }
    func key(_ name: String) throws -> AES128Key { try present(AES128Key(hex: try text(name)), name) }
    func devAddr(_ name: String) throws -> DevAddr { try present(DevAddr(hex: try text(name)), name) }
    func eui(_ name: String) throws -> EUI64 { try present(EUI64(hex: try text(name)), name) }
    func netID(_ name: String) throws -> NetID { try present(NetID(hex: try text(name)), name) }
    func mic(_ name: String = "mic") throws -> MIC {
        MIC(rawValue: try octets(name).reduce(0) { $0 << 8 | UInt32($1) })
    }

    func direction() throws -> FrameDirection {
        switch try text("direction") {
        case "up": .up
        case "down": .down
        case let other: throw VectorError(text: "unknown direction \(other)")
        }
    }
}

struct VectorError: Error {
    let text: String
}

@Suite struct VectorFileTests {
    @Test func `every group of the vector file has a test, and the fixture has every group`() {
        let names = Set(Vector.groups.members.map(\.name))
        for name in names.subtracting(testedGroups).sorted() {
            Issue.record("no test reads the group \(name); known are \(testedGroups.sorted().joined(separator: ", "))")
        }
        if Vector.otherFile == nil { #expect(names.isSuperset(of: testedGroups)) }
    }

    @Test func `a vector file has entries`() {
        let isEmpty = Vector.groups.members.allSatisfy { $0.value.elements?.isEmpty ?? true }
        #expect(!isEmpty, "a file without entries would pass without testing anything")
    }

    private let testedGroups: Set<String> = [
        "uplink_mic_10_16bit", "uplink_mic_10_32bit", "downlink_mic_10", "frm_payload_crypt", "complete_frame_10",
        "join_request_10", "join_accept_10", "session_keys_10", "session_keys_11", "join_accept_11", "uplink_mic_11",
        "downlink_mic_11", "f_opts_crypt_11", "rejoin_request_11", "mac_commands", "mac_command_sequence",
        "class_b_ping", "multicast_keys", "fragmentation", "clock_sync", "airtime_lora", "airtime_fsk",
        "dev_addr_from_net_id", "fcnt_up_reconstruct", "class_b_beacon_frame_sf9", "gps_time",
    ]
}
