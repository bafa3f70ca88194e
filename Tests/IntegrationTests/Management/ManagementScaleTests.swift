// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSON
import LoRaWAN
import MQTTShim
import TestSupport
import Testing

/// Many devices. MANAGEMENT_DEVICES=100000 makes it the number that the service is made for.
@Suite struct ManagementScaleTests {
    private static var count: Int { getenv("MANAGEMENT_DEVICES").flatMap { Int(String(cString: $0)) } ?? 3000 }

    @Test("devices that are imported are listed, and exported again equal")
    func roundTrip() async throws {
        let count = Self.count
        try await Scene.managed([], version: .v311) { scene, client in
            _ = try await client.result("admin/request/register", ["app_id": "app"])
            let clock = ContinuousClock()
            var lines: [String] = []
            for number in 0..<count { lines.append(Self.line(number)) }
            let imported = try await clock.measure {
                for start in stride(from: 0, to: count, by: 2000) {
                    let chunk = lines[start..<min(start + 2000, count)].joined(separator: "\n")
                    let report = try await client.result(
                        "app/request/import_devices",
                        ["format": "jsonl", "data": .string(chunk)],
                        within: .seconds(120),
                    )
                    #expect(report["created"]?.wholeNumber == Int64(min(2000, count - start)), "\(report.jsonText)")
                }
            }
            var listed = 0
            let listing = try await clock.measure {
                var after: JSONValue?
                repeat {
                    var body: JSONObject = [:]
                    body["after"] = after
                    let page = try await client.result("app/request/devices", .object(body), within: .seconds(120))
                    listed += page["devices"]?.elements?.count ?? 0
                    after = page["next"]
                } while after != nil
            }
            #expect(listed == count)
            var exported: [JSONValue] = []
            let exporting = try await clock.measure {
                var after: JSONValue?
                repeat {
                    var body: JSONObject = ["format": "jsonl"]
                    body["after"] = after
                    let page = try await client.result(
                        "app/request/keys/export_devices",
                        .object(body),
                        within: .seconds(120),
                    )
                    for line in (page["data"]?.text ?? "").split(separator: "\n") {
                        exported.append(try JSONValue(parsing: String(line)))
                    }
                    after = page["next"]
                } while after != nil
            }
            let originals = try lines.map { try JSONValue(parsing: $0) }
            #expect(exported.count == count)
            for (original, copy) in zip(originals, exported) where !Self.agrees(copy, with: original) {
                Issue.record("\(original.jsonText) came back as \(copy.jsonText)")
                break
            }
            print(
                "{\"devices\":\(count),\"import\":\"\(imported)\",\"list\":\"\(listing)\",\"export\":\"\(exporting)\"}"
            )
        }
    }

    private static func line(_ number: Int) -> String {
        let devEUI = EUI64(rawValue: 0x70B3_D57E_D100_0000 + UInt64(number)).upperHex
        let name = "d\(String(number + 1_000_000).dropFirst())"
        let key = String(repeating: "0", count: 24) + EUI64(rawValue: UInt64(number)).upperHex.suffix(8)
        return number.isMultiple(of: 2)
            ? #"{"dev_id":"\#(name)","description":"n \#(number)","attributes":{"n":"\#(number)"},"#
                + #""lorawan_device":{"app_eui":"0000000000000001","dev_eui":"\#(devEUI)","app_key":"\#(key)"}}"#
            : #"{"dev_id":"\#(name)","latitude":52.5,"longitude":13.25,"attributes":{},"#
                + #""lorawan_device":{"dev_eui":"\#(devEUI)","dev_addr":"2601\#(devEUI.suffix(4))","#
                + #""nwk_s_key":"\#(key)","app_s_key":"\#(key)","class":"C"}}"#
    }

    /// Whether a device says all that the original says.
    private static func agrees(_ copy: JSONValue, with original: JSONValue) -> Bool {
        guard case .object(let wanted) = original else { return copy == original }
        return wanted.members.allSatisfy { member in
            copy[member.name].map { agrees($0, with: member.value) } ?? false
        }
    }
}
