// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import Management

/// What became of the lines of an import.
struct ImportReport: Sendable {
    let lines: Int
    var created = 0
    var updated = 0
    var unchanged = 0
    private var failed = 0
    private var errors: [(line: Int, json: JSONValue)] = []

    /// Lines that a report names; more are only counted.
    private static let namedLines = 100

    init(lines: Int) {
        self.lines = lines
    }

    mutating func fail(_ device: TransferredDevice, _ fault: ManagementFault) {
        failed += 1
        guard errors.count < Self.namedLines else { return }
        var error: JSONObject = ["line": .integer(Int64(device.line))]
        if let id = device.deviceID { error["dev_id"] = .string(id) }
        error["code"] = .string(fault.code.rawValue)
        error["message"] = .string(fault.message)
        if let field = fault.field { error["field"] = .string(field) }
        errors.append((device.line, .object(error)))
    }

    var json: JSONValue {
        [
            "lines": .integer(Int64(lines)), "created": .integer(Int64(created)), "updated": .integer(Int64(updated)),
            "unchanged": .integer(Int64(unchanged)), "failed": .integer(Int64(failed)),
            "errors": .array(errors.sorted { $0.line < $1.line }.map(\.json)),
        ]
    }

    // MARK: Across a crash

    /// The report so far, and how many lines it is about.
    func progress(next: Int) -> [UInt8] {
        Array(JSONValue.object(["next": .integer(Int64(next)), "report": json]).jsonText.utf8)
    }

    /// Takes up what `progress` gave; gives back the line to go on with, nil when this is none.
    mutating func resume(_ octets: [UInt8]) -> Int? {
        let noted: JSONValue
        do throws(JSONSyntaxError) { noted = try JSONValue(parsing: octets) } catch { return nil }
        guard let next = noted["next"]?.wholeNumber, let report = noted["report"] else { return nil }
        func number(_ name: String) -> Int { Int(report[name]?.wholeNumber ?? 0) }
        created = number("created")
        updated = number("updated")
        unchanged = number("unchanged")
        failed = number("failed")
        errors = (report["errors"]?.elements ?? []).map { (Int($0["line"]?.wholeNumber ?? 0), $0) }
        return Int(next)
    }
}

/// What earlier lines of an import named. Only the lines decide, so that a second reading finds the same.
struct NamedBefore {
    private var ids: Set<String> = []
    private var devEUIs: Set<EUI64> = []

    /// Notes what a line names.
    ///
    /// - Returns: why the line is refused, when an earlier one named the same.
    mutating func note(_ device: TransferredDevice) -> ManagementFault? {
        guard case .success(let description) = device.description, let id = device.deviceID else { return nil }
        guard ids.insert(id).inserted else { return .invalid("dev_id", "\(id) is given by an earlier line, too") }
        guard let devEUI = description.devEUI, !devEUIs.insert(devEUI).inserted else { return nil }
        return ManagementFault(
            .alreadyExists,
            "dev_eui \(devEUI.upperHex) is given by an earlier line, too",
            field: "dev_eui",
        )
    }
}
